import Plots

/// What the templates read: a page's values under their names there.
struct PageView {
  let title: String
  let lead: String?
  let rules: String
  let style: String
  let script: String
  let isLive: Bool
  let sections: [SectionView]
  let footer: String

  init(_ page: Page, style: String, script: String) {
    title = page.title
    lead = page.lead
    rules = Palette.properties + Palette.chartRules
    self.style = style
    self.script = script
    isLive = page.isLive
    sections = page.sections.map(SectionView.init)
    footer = page.footer
  }
}

struct SectionView {
  let id: String
  let title: String
  let blocks: [BlockView]

  init(_ section: Page.Section) {
    id = section.id
    title = section.title
    blocks = section.blocks.map(BlockView.init)
  }
}

/// One of these is there.
struct BlockView {
  var heading: String?
  var paragraph: String?
  var notice: String?
  var facts: FactsView?
  var figures: FiguresView?
  var table: FigureView?
  var list: ListView?
  var code: CodeView?
  var pictures: PicturesView?
  var viewer: ViewerView?

  init(_ block: Page.Block) {
    switch block {
    case .heading(let text): heading = text
    case .paragraph(let text): paragraph = text
    case .notice(let text): notice = text
    case .facts(let facts): self.facts = FactsView(facts: facts)
    case .figures(let figures): self.figures = FiguresView(figures: figures.map(FigureView.init))
    case .table(let figure): table = FigureView(figure)
    case .list(let items): list = ListView(items: items)
    case .code(let text, let label): code = CodeView(text: text, label: label)
    case .pictures(let pictures): self.pictures = PicturesView(pictures: pictures.map(PictureView.init))
    case .viewer(let viewer): self.viewer = ViewerView(viewer)
    }
  }
}

struct FactsView {
  let facts: [Page.Fact]
}

struct FiguresView {
  let figures: [FigureView]
}

struct ListView {
  let items: [String]
}

struct CodeView {
  let text: String
  let label: String
}

struct FigureView {
  let id: String
  let title: String
  let caption: String
  /// SVG, escaped where it was made.
  let svg: String?
  let isWide: Bool
  let head: [HeadView]
  let rows: [RowView]

  init(_ figure: Figure) {
    id = figure.id
    title = figure.title
    caption = figure.caption
    svg = figure.svg
    isWide = figure.chart?.size == .wide
    let table = figure.table
    let numeric = table.columns.indices.map(table.isNumeric)
    head = zip(table.columns, numeric).map { HeadView(text: $0.label, isNumber: $1) }
    rows = table.rows.map { RowView($0, numeric: numeric) }
  }
}

struct HeadView {
  let text: String
  let isNumber: Bool
}

struct RowView {
  let name: String
  let mark: String?
  let cells: [HeadView]

  init(_ row: DataTable.Row, numeric: [Bool]) {
    name = row.cells.first?.shown ?? ""
    mark = row.mark
    cells = zip(row.cells, numeric).dropFirst().map { HeadView(text: $0.shown, isNumber: $1) }
  }
}
