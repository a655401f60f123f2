import Foundation

/// Numbers of bytes as people write them: `2GB`, `800 MiB`.
package enum ByteCount {
  private static let units: [(name: String, bytes: Double)] = [
    ("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("TiB", 0x1p40), ("GiB", 0x1p30), ("MiB", 0x1p20),
  ]

  /// A positive number with its unit, upper or lower case; nil for anything else, and beyond 2^60.
  package static func parse(_ text: String) -> Int? {
    let text = text.filter { $0 != " " }
    guard let unit = units.first(where: { text.lowercased().hasSuffix($0.name.lowercased()) }) else {
      return nil
    }
    let number = text.dropLast(unit.name.count)
    guard number.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let value = Double(number) else {
      return nil
    }
    let bytes = (value * unit.bytes).rounded(.down)
    return bytes >= 1 && bytes <= 0x1p60 ? Int(bytes) : nil
  }

  /// Two decimals of the decimal unit that fits, never below MB: `1.25 GB`.
  package static func text(
    _ bytes: Int, rounding: FloatingPointRoundingRule = .toNearestOrAwayFromZero, spaced: Bool = true
  ) -> String {
    let unit = units.prefix(3).first { Double(bytes) >= $0.bytes } ?? units[2]
    let value = (Double(bytes) / unit.bytes * 100).rounded(rounding) / 100
    return String(format: "%.2f", value) + (spaced ? " " : "") + unit.name
  }
}
