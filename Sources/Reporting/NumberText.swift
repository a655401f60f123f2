import Foundation

/// Numbers as the tables show them, the same in every locale.
package enum NumberText {
  /// What stands where there is no number.
  package static let missing = "–"

  /// A fixed number of decimals; `–` for nil and for what is not finite.
  package static func fixed(_ value: Double?, decimals: Int) -> String {
    guard let value, value.isFinite else { return missing }
    let text = String(format: "%.\(decimals)f", value)
    return text.hasPrefix("-") && !text.contains { "123456789".contains($0) }
      ? String(text.dropFirst()) : text
  }

  /// A Dice score: four decimals.
  package static func dice(_ value: Double?) -> String { fixed(value, decimals: 4) }

  /// Bytes in decimal megabytes (10⁶ bytes), two decimals, without the unit.
  package static func megabytes(_ bytes: Int) -> String { fixed(Double(bytes) / 1e6, decimals: 2) }

  /// `1 − wire / scans` in per cent; negative where the wire costs more; `–` without scans.
  package static func saving(wire: Int, scans: Int) -> String {
    guard let saving = savingFraction(wire: wire, scans: scans) else { return missing }
    return fixed(100 * saving, decimals: 1) + " %"
  }

  static func savingFraction(wire: Int, scans: Int) -> Double? {
    scans > 0 ? 1 - Double(wire) / Double(scans) : nil
  }
}
