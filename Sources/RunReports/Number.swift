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
