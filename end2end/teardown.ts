import { rmSync } from "node:fs";

export default function teardown(): void {
  const folder = process.env.LINEUP_TEMPORARY;
  if (folder !== undefined) {
    rmSync(folder, { recursive: true, force: true });
  }
}
