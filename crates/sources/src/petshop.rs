//! The PetShop data set.
