/// About how wide a text is drawn: there is no font at hand, and a reader's may be another.
enum TextWidth {
  /// Size of the charts' text in user units of the drawing, which are CSS pixels at full width.
  static let size = 12.0

  /// In user units. Latin letters and digits take 0.57 of the size on average, East Asian ones and symbols all of it.
  static func of(_ text: String) -> Double {
    text.unicodeScalars.reduce(0) { sum, scalar in
      switch scalar.value {
      case 0x300..<0x370, 0x200B...0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFE00...0xFE0F: sum
      case 0x1100...0x115F, 0x2E80...0xD7A3, 0xF900...0xFAFF, 0xFF00...0xFF60, 0x1F000...0x3FFFD: sum + size
      case 0x49, 0x6A, 0x69, 0x6C, 0x2E, 0x2C, 0x3A, 0x20: sum + 0.34 * size
      case 0x41...0x5A, 0x6D, 0x77: sum + 0.72 * size
      default: sum + 0.57 * size
      }
    }
  }

  /// The text, or as much of its start as fits, with an ellipsis.
  static func fitted(_ text: String, into width: Double) -> String {
    if of(text) <= width { return text }
    var kept = Substring(text.prefix(200))
    while !kept.isEmpty, of(kept + "…") > width { kept.removeLast() }
    return kept + "…"
  }

  private static func of(_ text: Substring) -> Double { of(String(text)) }
}
