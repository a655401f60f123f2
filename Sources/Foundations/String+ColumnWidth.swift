extension Character {
  /// Terminal columns: none for control characters, two for East Asian wide characters and emoji.
  package var columnWidth: Int {
    guard let first = unicodeScalars.first else { return 0 }
    switch first.value {
    case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F: return 0
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}

extension String {
  /// Terminal columns that the text takes.
  package var columnWidth: Int { reduce(0) { $0 + $1.columnWidth } }

  /// The text, or as much of its begin as `columns` hold with an ellipsis behind; no character is cut in two.
  package func clipped(toColumns columns: Int) -> String {
    if columnWidth <= columns { return self }
    if columns <= 0 { return "" }
    var (text, width) = ("", 0)
    for character in self {
      width += character.columnWidth
      if width > columns - 1 { break }
      text.append(character)
    }
    return text + "…"
  }
}
