/** What of the output schema was asked for from elsewhere. */
class SchemaView {
  /** A JSON pointer into the schema; the composer opens the tab and the tab takes the request. */
  request: { pointer: string } | null = $state.raw(null);

  /** Opens the tab and marks the place there. `#/properties/a` means the same as `/properties/a`. */
  show(pointer: string): void {
    this.request = { pointer: pointer.replace(/^#/, '') };
  }
}

export const schemaView = new SchemaView();
