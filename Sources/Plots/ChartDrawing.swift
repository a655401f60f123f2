/// Makes SVG of a chart.
///
/// Colours come from CSS classes, so that the same drawing is dark in a dark page; alone it brings its rules along.
struct ChartDrawing {
  private let chart: Chart
  private let layout: ChartLayout

  init(_ chart: Chart) {
    self.chart = chart
    layout = ChartLayout(chart)
  }

  /// `id` makes the names of title and description unlike those of other drawings in a page.
  func svg(id: String, title: String, description: String, standsAlone: Bool) -> String {
    let size = "0 0 \(number(layout.width)) \(number(layout.height))"
    var attributes = [("class", chart.size == .wide ? "chart wide" : "chart"), ("viewBox", size)]
    attributes += [("role", "img"), ("aria-labelledby", "\(id)-title \(id)-desc")]
    if standsAlone {
      attributes += [
        ("xmlns", "http://www.w3.org/2000/svg"), ("width", number(layout.width)),
        ("height", number(layout.height)),
      ]
    }
    var body = XML.element("title", [("id", "\(id)-title")], text: title)
    body += XML.element("desc", [("id", "\(id)-desc")], text: description)
    if standsAlone {
      body += "<style>\(Palette.properties)\(Palette.chartRules)</style>"
      body += XML.element("rect", [("width", "100%"), ("height", "100%"), ("fill", "var(--paper)")])
    }
    body += frame + chart.marks.map(mark).joined() + legend
    return XML.element("svg", attributes, content: body)
  }

  // MARK: - Axes

  private var frame: String {
    var out = ""
    for (value, label) in zip(layout.xTicks?.values ?? [], layout.xTicks?.labels ?? []) {
      let x = layout.x(value)
      out += line(x, layout.top, x, layout.bottom, "grid")
      out += text(x, layout.bottom + 15, label, "soft mid")
    }
    for (value, label) in zip(layout.yTicks?.values ?? [], layout.yTicks?.labels ?? []) {
      let y = layout.y(value)
      out += line(layout.left, y, layout.right, y, "grid")
      out += text(layout.left - 6, y + 4, label, "soft end")
    }
    for (index, name) in layout.yNames.enumerated() {
      out += text(layout.left - 6, layout.y(Double(index)) + 4, name, "end", whole: chart.y.names?[index])
    }
    for (index, name) in layout.xNames.enumerated() { out += columnName(index, name) }
    out += line(layout.left, layout.bottom, layout.right, layout.bottom, "axis")
    out += line(layout.left, layout.top, layout.left, layout.bottom, "axis")
    // Beside its axis at the top rather than turned: read without turning the head.
    out += text(6, layout.top - 12, chart.y.label, "soft")
    out += text(layout.right, layout.height - 5, chart.x.label, "soft end")
    return out
  }

  private func columnName(_ index: Int, _ name: String) -> String {
    if name.isEmpty { return "" }
    let (x, y) = (layout.x(Double(index)), layout.bottom + 15)
    let whole = chart.x.names?[index]
    guard layout.slantsNames else { return text(x, y, name, "mid", whole: whole) }
    let (slantX, slantY) = (number(x + 4), number(layout.bottom + 12))
    let turned = [("transform", "translate(\(slantX) \(slantY)) rotate(-45)"), ("class", "end")]
    return XML.element("text", turned, content: XML.escaped(name) + full(whole, shown: name))
  }

  private var legend: String {
    layout.legend.map { place in
      let series = chart.series[place.series]
      let y = place.y + 12
      let name = TextWidth.fitted(series.name, into: layout.right - 40)
      let sample =
        chart.marks.contains { if case .line(_, place.series) = $0 { true } else { false } }
        ? element(
          "path", style(place.series, "path", dashed: true),
          [("d", "M\(number(place.x)) \(number(y - 4))h20")])
        : element(
          "path", style(place.series, "dot"),
          [("d", Symbol.path(look(place.series), x: place.x + 10, y: y - 4, radius: 4.5))])
      return sample + text(place.x + 26, y, name, "", whole: series.name)
    }.joined()
  }

  // MARK: - Marks

  private func mark(_ mark: Chart.Mark) -> String {
    switch mark {
    case .line(let points, let series):
      let path = points.enumerated().map { index, point in
        (index == 0 ? "M" : "L") + number(layout.x(point.x)) + " " + number(layout.y(point.y))
      }.joined()
      return element("path", style(series, "mark path", dashed: true), [("d", path)])
    case .point(let point, let series, let hint, let isSmall, let isOpen):
      let path = Symbol.path(
        look(series), x: layout.x(point.x), y: layout.y(point.y), radius: isSmall ? 2.5 : 4.5)
      let kind = isSmall ? "mark dot small" : isOpen ? "mark dot open" : "mark dot"
      return element("path", style(series, kind), [("d", path)], hint: hint)
    case .interval(let from, let to, let series, let hint):
      return element("path", style(series, "mark span"), [("d", interval(from, to))], hint: hint)
    case .bar(let from, let to, let series, let hint, let offset, let width):
      return bar(from, to, series, hint, offset: offset, width: width)
    case .cell(let column, let row, let share, let words, let hint, let isMarked):
      return cell(column, row, share, words, hint, isMarked: isMarked)
    case .ruleX(let value, let label):
      let x = layout.x(value)
      return line(x, layout.top, x, layout.bottom, "rule") + text(x, layout.top - 4, label, "soft mid")
    case .ruleY(let value, let label):
      let y = layout.y(value)
      return line(layout.left, y, layout.right, y, "rule") + text(layout.right, y - 4, label, "soft end")
    case .text(let point, let words):
      return text(layout.x(point.x) + 7, layout.y(point.y) - 6, words, "")
    }
  }

  private func interval(_ from: Chart.Point, _ to: Chart.Point) -> String {
    let (x1, y1, x2, y2) = (layout.x(from.x), layout.y(from.y), layout.x(to.x), layout.y(to.y))
    let path = "M\(number(x1)) \(number(y1))L\(number(x2)) \(number(y2))"
    // Ends across the bar.
    if from.y == to.y {
      return path + "M\(number(x1)) \(number(y1 - 4))v8M\(number(x2)) \(number(y2 - 4))v8"
    }
    return path + "M\(number(x1 - 4)) \(number(y1))h8M\(number(x2 - 4)) \(number(y2))h8"
  }

  private func bar(
    _ from: Chart.Point, _ to: Chart.Point, _ series: Int, _ hint: String, offset: Double, width: Double
  ) -> String {
    let (x, y, w, h): (Double, Double, Double, Double)
    if chart.y.names != nil {
      let row = layout.rowHeight
      (x, w) = (min(layout.x(from.x), layout.x(to.x)), abs(layout.x(to.x) - layout.x(from.x)))
      (y, h) = (layout.y(from.y) + (offset - width / 2) * row, width * row)
    } else {
      let column = chart.x.names == nil ? layout.x(1) - layout.x(0) : layout.columnWidth
      (y, h) = (min(layout.y(from.y), layout.y(to.y)), abs(layout.y(to.y) - layout.y(from.y)))
      (x, w) = (layout.x(from.x) + (offset - width / 2) * column, width * column)
    }
    return element(
      "rect", style(series, "mark block"),
      [("x", number(x)), ("y", number(y)), ("width", number(max(w, 0.5))), ("height", number(h))], hint: hint)
  }

  private func cell(
    _ column: Int, _ row: Int, _ share: Double?, _ words: String, _ hint: String, isMarked: Bool
  ) -> String {
    let (width, height) = (layout.columnWidth, layout.rowHeight)
    let (x, y) = (layout.x(Double(column)) - width / 2, layout.y(Double(row)) - height / 2)
    let place = [
      ("x", number(x + 0.5)), ("y", number(y + 0.5)), ("width", number(max(1, width - 1))),
      ("height", number(max(1, height - 1))),
    ]
    let shade = share.map { [("fill-opacity", number(0.06 + 0.8 * min(max($0, 0), 1)))] } ?? []
    var out = element(
      "rect", [("class", share == nil ? "mark none" : "mark cell")], place + shade, hint: hint)
    if isMarked { out += element("rect", [("class", "own")], place) }
    if TextWidth.of(words) < width - 2, height > 13 {
      out += text(x + width / 2, y + height / 2 + 4, words, "mid")
    }
    return out
  }

  // MARK: - Pieces

  /// The classes of a series; its dash where lines are told apart by it.
  private func style(_ series: Int, _ kind: String, dashed: Bool = false) -> [(String, String)] {
    if chart.series.indices.contains(series), chart.series[series].isFaint {
      return [("class", kind + " faint")]
    }
    let look = look(series)
    return [("class", "\(kind) s\(look)" + (dashed ? " d\(look)" : ""))]
  }

  private func look(_ series: Int) -> Int {
    let own = chart.series.indices.contains(series) ? chart.series[series].look : nil
    return (own ?? series) % Palette.count
  }

  private func element(
    _ name: String, _ style: [(String, String)], _ more: [(String, String)], hint: String = ""
  ) -> String {
    hint.isEmpty
      ? XML.element(name, style + more)
      : XML.element(name, style + more, content: XML.element("title", [], text: hint))
  }

  private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ kind: String) -> String {
    let path = "M\(number(x1)) \(number(y1))L\(number(x2)) \(number(y2))"
    return XML.element("path", [("class", kind), ("d", path)])
  }

  private func text(_ x: Double, _ y: Double, _ words: String, _ kind: String, whole: String? = nil) -> String
  {
    if words.isEmpty { return "" }
    var attributes = [("x", number(x)), ("y", number(y))]
    if !kind.isEmpty { attributes.append(("class", kind)) }
    return XML.element("text", attributes, content: XML.escaped(words) + full(whole, shown: words))
  }

  /// What was cut off stands in a hint.
  private func full(_ whole: String?, shown: String) -> String {
    guard let whole, whole != shown else { return "" }
    return XML.element("title", [], text: whole)
  }

  /// To a tenth of a unit.
  private func number(_ value: Double) -> String {
    let tenths = (value * 10).rounded()
    guard tenths.isFinite, abs(tenths) < 1e9 else { return "0" }
    let whole = Int(tenths)
    if whole % 10 == 0 { return "\(whole / 10)" }
    return (whole < 0 ? "-" : "") + "\(abs(whole) / 10).\(abs(whole) % 10)"
  }
}

/// What a series' points look like.
enum Symbol {
  /// SVG path around a centre: circle, square, triangle, diamond, triangle upside down, cross, a bar lying, a bar standing.
  static func path(_ look: Int, x: Double, y: Double, radius r: Double) -> String {
    func n(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
    func closed(_ corners: [(Double, Double)]) -> String {
      corners.enumerated().map {
        ($0.offset == 0 ? "M" : "L") + "\(n(x + $0.element.0)) \(n(y + $0.element.1))"
      }
      .joined() + "Z"
    }
    switch look {
    case 0:
      return "M\(n(x - r)) \(n(y))a\(n(r)) \(n(r)) 0 1 0 \(n(2 * r)) 0a\(n(r)) \(n(r)) 0 1 0 \(n(-2 * r)) 0Z"
    case 1:
      return closed([(-0.9 * r, -0.9 * r), (0.9 * r, -0.9 * r), (0.9 * r, 0.9 * r), (-0.9 * r, 0.9 * r)])
    case 2: return closed([(0, -1.2 * r), (1.1 * r, 0.8 * r), (-1.1 * r, 0.8 * r)])
    case 3: return closed([(0, -1.3 * r), (1.1 * r, 0), (0, 1.3 * r), (-1.1 * r, 0)])
    case 4: return closed([(0, 1.2 * r), (1.1 * r, -0.8 * r), (-1.1 * r, -0.8 * r)])
    case 5:
      let a = 0.4 * r
      return closed([
        (-a, -r), (a, -r), (a, -a), (r, -a), (r, a), (a, a), (a, r), (-a, r), (-a, a), (-r, a), (-r, -a),
        (-a, -a),
      ])
    case 6:
      return closed([(-1.2 * r, -0.6 * r), (1.2 * r, -0.6 * r), (1.2 * r, 0.6 * r), (-1.2 * r, 0.6 * r)])
    default:
      return closed([(-0.6 * r, -1.2 * r), (0.6 * r, -1.2 * r), (0.6 * r, 1.2 * r), (-0.6 * r, 1.2 * r)])
    }
  }
}
