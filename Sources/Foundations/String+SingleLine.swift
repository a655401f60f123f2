extension String {
  /// The text on one line.
  package var singleLine: String { split(whereSeparator: \.isNewline).joined(separator: " ") }
}
