import Plots

/// Numbers in sentences and hints, as tables show them.
enum Number {
  /// Four decimals, as everywhere.
  static func dice(_ value: Double) -> String { DataTable.Cell.number(value, digits: 4).shown }

  static func interval(_ lower: Double, _ upper: Double) -> String { "\(dice(lower)) to \(dice(upper))" }

  static func fixed(_ value: Double, _ digits: Int) -> String {
    DataTable.Cell.number(value, digits: digits).shown
  }

  static func count(_ value: Int) -> String { DataTable.Cell.count(value).shown }

  /// In decimal megabytes.
  static func megabytes(_ bytes: Int) -> String { fixed(Double(bytes) / 1e6, 2) + " MB" }
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
