/// Names within a sentence.
enum Name {
  /// A name that runs from right to left would take the numbers behind it along: it is isolated (Unicode UAX #9, FSI and PDI).
  static func inSentence(_ name: String) -> String {
    let runsLeft = name.unicodeScalars.contains {
      switch $0.value {
      case 0x590...0x8FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x200F, 0x202A...0x202E, 0x10800...0x10FFF,
        0x1E800...0x1EFFF:
        true
      default: false
      }
    }
    return runsLeft ? "\u{2068}\(name)\u{2069}" : name
  }
}

/// Names as parts of places in a page and of file names.
enum Slug {
  /// Of `a-z`, `0-9` and `-`; by number where letters would not tell it from the others.
  static func of(_ name: String, among names: [String]) -> String {
    let slugs = names.map(plain)
    let own = plain(name)
    guard own.isEmpty || slugs.count(where: { $0 == own }) > 1 else { return own }
    return "\(own.isEmpty ? "item" : own)-\((names.firstIndex(of: name) ?? 0) + 1)"
  }

  private static func plain(_ name: String) -> String {
    let letters = name.lowercased().unicodeScalars.map { scalar in
      switch scalar {
      case "a"..."z", "0"..."9": Character(scalar)
      default: Character("-")
      }
    }
    return String(String(letters).split(separator: "-").joined(separator: "-").prefix(40))
  }
}
