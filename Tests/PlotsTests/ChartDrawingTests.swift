import Foundation
import FoundationXML
import Plots
import Testing

/// SVG that a browser, an editor and a paper take.
struct ChartDrawingTests {
  static let nasty = [
    "<script>alert(1)</script>", "\"quotes\" & 'more'", "a/b\\c", String(repeating: "long ", count: 40),
    "مستشفى القاهرة",
    "\u{0}\u{7}control", "東京医科歯科大学",
  ]

  private func figure(_ chart: Chart, title: String = "A title") -> Figure {
    Figure(
      id: "one", title: title, caption: "A caption", chart: chart, table: DataTable(columns: [.init("x")]))
  }

  /// What is read of each element that a path finds. Elements are of no use behind their document's end.
  private func read<Value>(_ figure: Figure, _ path: String, _ value: (XMLElement) -> Value?) throws
    -> [Value]
  {
    let document = try XMLDocument(xmlString: #require(figure.rendered(as: .svg)))
    return try withExtendedLifetime(document) {
      try document.nodes(forXPath: path).compactMap { ($0 as? XMLElement).flatMap(value) }
    }
  }

  /// `attribute(forName:)` finds none in a default namespace.
  private func attribute(_ name: String, of element: XMLElement) -> String? {
    element.attributes?.first { $0.name == name }?.stringValue
  }

  /// Whatever stands in names, the drawing is well-formed and holds it as text alone.
  @Test func namesAreText() throws {
    let marks = Self.nasty.indices.flatMap { row -> [Chart.Mark] in
      let point = Chart.Point(Double(row), Double(row))
      return [
        .point(point, series: row, hint: Self.nasty[row]), .text(point, Self.nasty[row]),
        .interval(from: point, to: .init(point.x + 1, point.y), series: row, hint: Self.nasty[row]),
        .cell(column: 0, row: row, share: 0.5, text: Self.nasty[row], hint: Self.nasty[row]),
      ]
    }
    for title in Self.nasty {
      let chart = Chart(
        x: .numbers(title, unit: title), y: .names(title, Self.nasty), series: Self.nasty.map { .init($0) },
        marks: marks)
      let figure = figure(chart, title: title)
      #expect(try read(figure, "//*[local-name()='script']") { $0.name }.isEmpty)
      let whole = title.unicodeScalars.map { $0.value < 0x20 ? "\u{FFFD}" : String($0) }.joined()
      #expect(try read(figure, "/*/*[local-name()='title']") { $0.stringValue } == [whole])
    }
  }

  /// A bar is as long as its value says; a point lies as far along as its value.
  @Test func lengthsAreValues() throws {
    let values = [0.5, 1.0, 4.0]
    let bars = values.enumerated().map { row, value in
      Chart.Mark.bar(from: .init(0, Double(row)), to: .init(value, Double(row)), series: 0, hint: "")
    }
    let drawn = figure(
      Chart(x: .numbers("x", fromZero: true), y: .names("y", ["a", "b", "c"]), marks: bars))
    let widths = try read(drawn, "//*[@class='mark block s0']") {
      attribute("width", of: $0).flatMap(Double.init)
    }
    #expect(widths.count == 3)
    for (width, value) in zip(widths, values) { #expect(abs(width / widths[1] - value) < 0.005) }
  }

  /// Powers of ten lie at equal distances on a logarithmic axis.
  @Test func logarithmicAxesAreLogarithmic() throws {
    let marks = [1.0, 10, 100, 1000].map { Chart.Mark.point(.init($0, 1), series: 0, hint: "p") }
    let drawn = figure(Chart(x: .logarithmic("x"), y: .numbers("y"), marks: marks))
    let places = try read(drawn, "//*[@class='mark dot s0']") { mark in
      attribute("d", of: mark).flatMap { Double($0.dropFirst().prefix { $0 != " " }) }
    }
    let steps = zip(places, places.dropFirst()).map { $1 - $0 }
    #expect(steps.count == 3 && steps.allSatisfy { $0 > 20 && abs($0 - steps[0]) < 0.25 })
  }

  /// What does not fit is cut and stands whole in a hint; nothing lies outside of the drawing.
  @Test func longNamesAreCut() throws {
    let name = String(repeating: "hospital ", count: 25)
    let chart = Chart(
      x: .names("tested at", [name, "b"]), y: .names("site", [name, "b"]),
      marks: [.cell(column: 0, row: 0, share: 1, text: "0.5", hint: "h")])
    let text = try read(figure(chart), "//*[local-name()='text'][*[local-name()='title']]") { element in
      (shown: element.children?.first?.stringValue ?? "", whole: element.children?.last?.stringValue ?? "")
    }
    #expect(text.count == 2)
    #expect(text.allSatisfy { $0.whole == name && $0.shown.hasSuffix("…") })
  }

  /// Charts of nothing, of one value, of equal values and of what is not finite are drawings all the same.
  @Test(
    arguments: [[], [1.0], [2.0, 2.0], [.nan, 1], [.infinity, -.infinity], [1e300, -1e300], [0, 0]]
      as [[Double]])
  func strangeNumbersAreDrawn(values: [Double]) throws {
    let points = values.enumerated().map { Chart.Point(Double($0.offset), $0.element) }
    for axis in [Axis.numbers("y"), .logarithmic("y"), .numbers("y", fromZero: true, isWhole: true)] {
      let chart = Chart(
        x: .numbers("x"), y: axis,
        marks: [.line(points, series: 0)] + points.map { .point($0, series: 0, hint: "p") })
      let text = try #require(figure(chart).rendered(as: .svg))
      #expect(!text.contains("nan") && !text.contains("inf"))
      _ = try XMLDocument(xmlString: text)
    }
  }

  /// WCAG 2.2, 1.4.11: graphics have a contrast of 3 or more to what they stand on, text one of 4.5.
  @Test func coloursCanBeSeen() throws {
    let themes = Palette.properties.split(separator: "@media")
    #expect(themes.count == 2)
    for theme in themes {
      var colours: [String: Double] = [:]
      for match in theme.matches(of: /--([a-z0-9]+):#([0-9a-f]{6});/) {
        colours[String(match.1)] = luminance(String(match.2))
      }
      let paper = try #require(colours["paper"])
      func contrast(_ name: String) throws -> Double {
        let other = try #require(colours[name])
        return (max(paper, other) + 0.05) / (min(paper, other) + 0.05)
      }
      for series in 0..<Palette.count { #expect(try contrast("s\(series)") >= 3, "s\(series)") }
      for name in ["ink", "soft", "mark"] { #expect(try contrast(name) >= 4.5, "\(name)") }
    }
  }

  private func luminance(_ hex: String) -> Double {
    let channels = stride(from: 0, to: 6, by: 2).map { start -> Double in
      let part = hex.dropFirst(start).prefix(2)
      let share = Double(Int(part, radix: 16) ?? 0) / 255
      return share <= 0.03928 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
  }
}
