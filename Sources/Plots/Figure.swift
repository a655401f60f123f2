/// A chart with its title, what it shows in words, and its numbers as a table; or a table alone.
package struct Figure: Sendable, Equatable {
  /// Unlike any other's of a report, of `a-z`, `0-9` and `-`: names files and places in the page.
  package let id: String
  package let title: String
  /// What is shown, in a sentence or two: what marks mean, over what.
  package let caption: String
  package let chart: Chart?
  package let table: DataTable

  package init(id: String, title: String, caption: String, chart: Chart? = nil, table: DataTable) {
    precondition(
      id.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D })
    self.id = id
    self.title = title
    self.caption = caption
    self.chart = chart
    self.table = table
  }

  /// The chart for a page that has the charts' rules; nil without one.
  package var svg: String? {
    chart.map { ChartDrawing($0).svg(id: id, title: title, description: caption, standsAlone: false) }
  }

  /// What a file of the format holds; nil for a picture of what is a table alone.
  package func rendered(as format: FigureFormat) -> String? {
    switch format {
    case .svg:
      chart.map {
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
          + ChartDrawing($0).svg(id: id, title: title, description: caption, standsAlone: true) + "\n"
      }
    case .csv: table.csv()
    case .latex: table.latex(caption: "\(title). \(caption)")
    case .markdown: table.markdown(caption: "\(title). \(caption)")
    }
  }
}
