/// About how wide a text is drawn: there is no font at hand, and a reader's may be another.
enum TextWidth {
  /// Size of the charts' text in user units of the drawing, which are CSS pixels at full width.
  static let size = 12.0

  /// In user units, and no less than DejaVu Sans takes, the widest of the fonts that pages are read in: a name may be one letter over and over.
  static func of(_ text: String) -> Double {
    text.unicodeScalars.reduce(0) { $0 + size * share(of: $1) }
  }

  private static let narrow = Set("iIjl.,:;'|!()[]/ ".unicodeScalars)
  private static let slim = Set("frt-".unicodeScalars)
  private static let broad = Set("mwMW%@…".unicodeScalars)

  /// Of the size.
  private static func share(of scalar: Unicode.Scalar) -> Double {
    if narrow.contains(scalar) { return 0.4 }
    if slim.contains(scalar) { return 0.42 }
    if broad.contains(scalar) { return 1 }
    return switch scalar.value {
    case 0x300..<0x370, 0x200B...0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFE00...0xFE0F: 0
    case 0x1100...0x115F, 0x2E80...0xD7A3, 0xF900...0xFAFF, 0xFF00...0xFF60, 0x1F000...0x3FFFD: 1
    case 0x41...0x5A, 0x590...0x8FF: 0.78
    default: 0.64
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
