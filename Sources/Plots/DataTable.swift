/// Rows of a report: what stands below a chart, or by itself. Text, numbers with their digits, and empty places.
package struct DataTable: Sendable, Equatable {
  package struct Column: Sendable, Equatable {
    package let title: String
    /// Such as `mm`; nil: none.
    package let unit: String?

    package init(_ title: String, unit: String? = nil) {
      self.title = title
      self.unit = unit
    }

    package var label: String { unit.map { "\(title) [\($0)]" } ?? title }
  }

  package enum Cell: Sendable, Equatable {
    case text(String)
    /// Shown with so many digits behind the point; files for programs have all of them.
    case number(Double, digits: Int)
    case empty

    package static func count(_ value: Int) -> Cell { .number(Double(value), digits: 0) }

    /// Empty where there is none.
    package static func optional(_ value: Double?, digits: Int) -> Cell {
      value.map { .number($0, digits: digits) } ?? .empty
    }

    /// For people: digits in groups, a dash where there is nothing.
    package var shown: String {
      switch self {
      case .text(let text): text
      case .number(let value, let digits):
        value.isFinite ? Ticks.text(value, digits: digits) : value.isNaN ? "–" : value < 0 ? "−∞" : "∞"
      case .empty: "–"
      }
    }

    package var isText: Bool {
      if case .text = self { return true }
      return false
    }
  }

  package struct Row: Sendable, Equatable {
    package let cells: [Cell]
    /// What sets the row apart, such as `worst`; nil: nothing.
    package let mark: String?

    package init(_ cells: [Cell], mark: String? = nil) {
      self.cells = cells
      self.mark = mark
    }
  }

  package let columns: [Column]
  package private(set) var rows: [Row] = []

  package init(columns: [Column]) {
    self.columns = columns
  }

  package mutating func add(_ cells: [Cell], mark: String? = nil) {
    precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns")
    rows.append(Row(cells, mark: mark))
  }
}
