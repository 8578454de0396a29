//! Views that are HTML at once. The pages here are rendered on the server and nowhere else: a view that
//! is kept as what it is made of (`AnyView`) brings code with it for every other way to render it, in
//! turns or in a browser, which was a fifth of the program.

use leptos::tachys::{html::InertElement, view::RenderHtml};

/// Finished HTML, as a part of other views.
pub(crate) type Markup = InertElement;

/// A view that becomes HTML.
pub(crate) trait IntoMarkup {
    /// Renders it now.
    fn markup(self) -> Markup;
}

impl<T: RenderHtml> IntoMarkup for T {
    fn markup(self) -> Markup {
        InertElement::new(self.to_html())
    }
}
