import Foundation

/// Where things lie in a chart's drawing, in user units from its top left corner.
struct ChartLayout {
  let width: Double
  let height: Double
  /// What the axes enclose.
  let left: Double
  let top: Double
  let right: Double
  let bottom: Double
  /// One of each series with a line in the legend: its index and where its line begins.
  let legend: [(series: Int, x: Double, y: Double)]
  let xTicks: Ticks?
  let yTicks: Ticks?
  /// Whether names below the chart stand at a slant.
  let slantsNames: Bool
  /// The rooms that names of each axis have, as they are written.
  let xNames: [String]
  let yNames: [String]
  private let chart: Chart

  static let line = 18.0
  private static let gap = 8.0

  init(_ chart: Chart) {
    self.chart = chart
    let widest = chart.size == .wide ? 920.0 : 440.0
    let ranges = ChartRanges(chart)
    width = widest
    let yNames = chart.y.names.map { $0.map { TextWidth.fitted($0, into: widest * 0.36) } } ?? []
    self.yNames = yNames
    yTicks = ranges.y.map { Self.ticks(chart.y, $0, count: 5) }
    let labels = yNames + (yTicks?.labels ?? [])
    let names = chart.x.names ?? []
    var left = (labels.map(TextWidth.of).max() ?? 0) + 2 * Self.gap
    let right = widest - 2 * Self.gap
    self.right = right
    let widths = names.map(TextWidth.of)
    let crowded = (widths.max() ?? 0) > (right - left) / Double(max(1, names.count)) - 4
    // Numbers are told at steps; names stand at a slant, the first beside the chart's left.
    let slants = crowded && names.contains { Int($0) == nil }
    slantsNames = slants
    if slants { left = max(left, 0.72 * min(130, widths.first ?? 0)) }
    self.left = left
    let room = right - left
    xTicks = ranges.x.map { Self.ticks(chart.x, $0, count: chart.size == .wide ? 9 : 5) }
    let share = room / Double(max(1, names.count))
    let step = crowded && !slants ? Int((30 / share).rounded(.up)) : 1
    let longest = slants ? 130.0 : share * Double(step)
    xNames = names.enumerated().map { index, name in
      index % step == 0 ? TextWidth.fitted(name, into: longest) : ""
    }
    legend = Self.legend(chart.series, width: right)
    let legendLines = legend.last.map { $0.y / Self.line + 1 } ?? 0
    top = legendLines * Self.line + Self.line + 1.5 * Self.gap
    bottom = top + Self.plotHeight(chart, room: room)
    let nameRoom = slantsNames ? 0.75 * (xNames.map(TextWidth.of).max() ?? 0) + 14 : Self.line
    height = (bottom + nameRoom + Self.line + Self.gap).rounded(.up)
  }

  private static func ticks(_ axis: Axis, _ range: ClosedRange<Double>, count: Int) -> Ticks {
    if case .numbers(.logarithmic, _, _) = axis.kind { return .logarithmic(range) }
    return .linear(range, count: count, isWhole: axis.isWhole)
  }

  /// Series lie one behind the other, in as many lines as it takes.
  private static func legend(_ series: [Chart.Series], width: Double) -> [(series: Int, x: Double, y: Double)]
  {
    var places: [(series: Int, x: Double, y: Double)] = []
    var (x, y) = (gap, 0.0)
    let told = series.indices.filter { !series[$0].isFaint }
    if told.count < 2 && series.count < 2 { return [] }
    for index in told {
      let wide = 26 + min(TextWidth.of(series[index].name), width - 40) + 16
      if x + wide > width, x > gap { (x, y) = (gap, y + line) }
      places.append((index, x, y))
      x += wide
    }
    return places
  }

  private static func plotHeight(_ chart: Chart, room: Double) -> Double {
    guard let names = chart.y.names else { return chart.size == .wide ? 300 : 220 }
    let isCells = chart.marks.contains {
      if case .cell = $0 { return true }
      return false
    }
    if isCells { return Double(names.count) * (names.count > 30 ? 14 : 26) }
    return Double(max(2, names.count)) * (names.count > 30 ? 16 : names.count > 12 ? 20 : 26)
  }

  /// The place of a value, or of the middle of a name's room.
  func x(_ value: Double) -> Double {
    if let names = chart.x.names {
      return left + (value + 0.5) / Double(max(1, names.count)) * (right - left)
    }
    return left + share(value, chart.x, xTicks) * (right - left)
  }

  func y(_ value: Double) -> Double {
    if let names = chart.y.names { return top + (value + 0.5) / Double(max(1, names.count)) * (bottom - top) }
    return bottom - share(value, chart.y, yTicks) * (bottom - top)
  }

  /// What a name has along an axis.
  var columnWidth: Double { (right - left) / Double(max(1, chart.x.names?.count ?? 1)) }
  var rowHeight: Double { (bottom - top) / Double(max(1, chart.y.names?.count ?? 1)) }

  private func share(_ value: Double, _ axis: Axis, _ ticks: Ticks?) -> Double {
    guard let range = ticks?.range else { return 0 }
    if case .numbers(.logarithmic, _, _) = axis.kind {
      return log(max(value, range.lowerBound) / range.lowerBound) / log(range.upperBound / range.lowerBound)
    }
    return (value - range.lowerBound) / (range.upperBound - range.lowerBound)
  }
}

/// The values that a chart's axes span; nil along names.
struct ChartRanges {
  let x: ClosedRange<Double>?
  let y: ClosedRange<Double>?

  init(_ chart: Chart) {
    var (xs, ys): ([Double], [Double]) = ([], [])
    for mark in chart.marks {
      switch mark {
      case .line(let points, _):
        xs += points.map(\.x)
        ys += points.map(\.y)
      case .point(let point, _, _, _, _), .text(let point, _):
        xs.append(point.x)
        ys.append(point.y)
      case .interval(let from, let to, _, _), .bar(let from, let to, _, _, _, _):
        xs += [from.x, to.x]
        ys += [from.y, to.y]
      case .ruleX(let value, _): xs.append(value)
      case .ruleY(let value, _): ys.append(value)
      case .cell: break
      }
    }
    x = Self.range(chart.x, xs)
    y = Self.range(chart.y, ys)
  }

  private static func range(_ axis: Axis, _ values: [Double]) -> ClosedRange<Double>? {
    guard case .numbers(let scale, let given, let fromZero) = axis.kind else { return nil }
    let finite = values.filter { $0.isFinite && (scale == .linear || $0 > 0) }
    guard let least = finite.min(), let most = finite.max() else {
      return given ?? (scale == .linear ? 0...1 : 1...10)
    }
    if scale == .logarithmic { return least == most ? least / 2...most * 2 : least * 0.9...most * 1.1 }
    if let given { return min(given.lowerBound, least)...max(given.upperBound, most) }
    let wanted = fromZero ? min(0, least)...max(0, most) : least...most
    return Ticks.rounded(wanted, count: 5, isWhole: axis.isWhole)
  }
}
