import Foundation

/// The round numbers along an axis, and the range between the outermost.
///
/// Steps are 1, 2 or 5 times a power of ten (Heckbert, Nice numbers for graph labels, Graphics Gems 1990).
struct Ticks: Sendable, Equatable {
  let values: [Double]
  let range: ClosedRange<Double>
  let labels: [String]

  /// `count` is about how many; `isWhole` allows no step below 1. A range of one value is widened.
  static func linear(_ wanted: ClosedRange<Double>, count: Int, isWhole: Bool = false) -> Ticks {
    let range = wanted.lowerBound < wanted.upperBound ? wanted : widened(wanted.lowerBound)
    let rough = (range.upperBound - range.lowerBound) / Double(max(1, count))
    let step = max(nice(rough), isWhole ? 1 : 0)
    let first = (range.lowerBound / step - 1e-9).rounded(.up)
    let last = (range.upperBound / step + 1e-9).rounded(.down)
    let indices = first <= last ? Array(stride(from: first, through: last, by: 1)) : [first]
    let values = indices.map { $0 * step }
    let digits = max(0, Int((-log10(step) - 1e-9).rounded(.up)))
    return Ticks(values: values, range: range, labels: values.map { text($0, digits: digits) })
  }

  /// The range that ends at round numbers.
  static func rounded(_ wanted: ClosedRange<Double>, count: Int, isWhole: Bool = false) -> ClosedRange<Double>
  {
    let range = wanted.lowerBound < wanted.upperBound ? wanted : widened(wanted.lowerBound)
    let step = max(nice((range.upperBound - range.lowerBound) / Double(max(1, count))), isWhole ? 1 : 0)
    return (range.lowerBound / step + 1e-9).rounded(.down)
      * step...(range.upperBound / step - 1e-9).rounded(.up) * step
  }

  /// Powers of ten, with 2 and 5 between where there are few of them.
  static func logarithmic(_ wanted: ClosedRange<Double>) -> Ticks {
    let range =
      wanted.lowerBound < wanted.upperBound
      ? wanted : wanted.lowerBound / 2...wanted.lowerBound * 2
    let low = Int(log10(range.lowerBound).rounded(.down))
    let high = Int(log10(range.upperBound).rounded(.up))
    let steps: [Double] = high - low <= 2 ? [1, 2, 5] : [1]
    let all = (low...high).flatMap { power in steps.map { $0 * pow(10, Double(power)) } }
    let values = all.filter { $0 >= range.lowerBound * 0.999 && $0 <= range.upperBound * 1.001 }
    return Ticks(
      values: values, range: range,
      labels: values.map { text($0, digits: max(0, -Int(log10($0).rounded(.down)))) })
  }

  private static func widened(_ value: Double) -> ClosedRange<Double> {
    let half = value == 0 ? 1 : abs(value) / 2
    return value - half...value + half
  }

  private static func nice(_ rough: Double) -> Double {
    let power = pow(10, log10(rough).rounded(.down))
    let share = rough / power
    return (share <= 1.0001 ? 1 : share <= 2.0001 ? 2 : share <= 5.0001 ? 5 : 10) * power
  }

  /// Digits in groups of three, a true minus.
  static func text(_ value: Double, digits: Int) -> String {
    let plain = String(format: "%.\(digits)f", abs(value))
    let parts = plain.split(separator: ".", maxSplits: 1)
    var whole = ""
    for (index, digit) in parts[0].reversed().enumerated() {
      if index > 0, index % 3 == 0 { whole = "," + whole }
      whole = String(digit) + whole
    }
    let text = parts.count > 1 ? "\(whole).\(parts[1])" : whole
    return value < 0 && plain.contains(where: { $0 != "0" && $0 != "." }) ? "−" + text : text
  }
}
