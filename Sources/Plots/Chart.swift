/// A chart as values: two axes, series, marks. `ChartDrawing` makes SVG of it.
///
/// Places along an axis are numbers in the axis' unit, or the index of a name where the axis has names.
package struct Chart: Sendable, Equatable {
  package let x: Axis
  package let y: Axis
  package let series: [Series]
  /// At places that are finite.
  package let marks: [Mark]
  package let size: Size

  package enum Size: Sendable, Equatable {
    /// For a phone, or two side by side.
    case regular
    /// For the whole width of a page.
    case wide
  }

  package init(x: Axis, y: Axis, series: [Series] = [], marks: [Mark], size: Size = .regular) {
    self.x = x
    self.y = y
    self.series = series
    self.marks = marks.compactMap(\.finite)
    self.size = size
  }

  /// What shares a colour, a symbol and a dash, and has a line in the legend.
  package struct Series: Sendable, Equatable {
    package let name: String
    /// Which of the palette's looks it has; nil: that of its place among the series.
    package let look: Int?
    /// Drawn grey and without a line in the legend, where there are more than can be told apart.
    package let isFaint: Bool

    package init(_ name: String, look: Int? = nil, isFaint: Bool = false) {
      self.name = name
      self.look = look
      self.isFaint = isFaint
    }
  }

  package struct Point: Sendable, Equatable {
    package let x: Double
    package let y: Double

    package init(_ x: Double, _ y: Double) {
      self.x = x
      self.y = y
    }

    fileprivate var isFinite: Bool { x.isFinite && y.isFinite }
  }

  /// What is drawn, in order: later ones lie above. `series` is an index; `hint` is shown when a pointer rests on the mark.
  package enum Mark: Sendable, Equatable {
    case line([Point], series: Int)
    case point(Point, series: Int, hint: String, isSmall: Bool = false, isOpen: Bool = false)
    /// A bar with ends, along x or along y.
    case interval(from: Point, to: Point, series: Int, hint: String)
    /// From the axis of values to a value, in the row or column of a name; `offset` and `width` are shares of a name's room.
    case bar(from: Point, to: Point, series: Int, hint: String, offset: Double = 0, width: Double = 0.7)
    /// Fills the room of a name on each axis, darker with `share` from 0 to 1, with a text in it.
    case cell(column: Int, row: Int, share: Double?, text: String, hint: String, isMarked: Bool = false)
    /// A line through the chart at a value, with its meaning.
    case ruleX(Double, label: String)
    case ruleY(Double, label: String)
    /// A short text at a place.
    case text(Point, String)

    /// The mark without places that are not finite; nil where nothing is left.
    fileprivate var finite: Mark? {
      switch self {
      case .line(let points, let series): .line(points.filter(\.isFinite), series: series)
      case .point(let point, _, _, _, _), .text(let point, _): point.isFinite ? self : nil
      case .interval(let from, let to, _, _), .bar(let from, let to, _, _, _, _):
        from.isFinite && to.isFinite ? self : nil
      case .ruleX(let value, _), .ruleY(let value, _): value.isFinite ? self : nil
      case .cell: self
      }
    }

    /// Those that the chart is there for, without rules and texts.
    var showsData: Bool {
      switch self {
      case .ruleX, .ruleY, .text: false
      case .line(let points, _): !points.isEmpty
      default: true
      }
    }
  }

  /// Whether there is something to see.
  package var isEmpty: Bool { !marks.contains(where: \.showsData) }
}
