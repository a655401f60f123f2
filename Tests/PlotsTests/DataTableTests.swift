import Foundation
import Foundations
import Plots
import Testing

/// Tables as other programs read them.
struct DataTableTests {
  private var table: DataTable {
    var table = DataTable(columns: [.init("site"), .init("HD95", unit: "mm"), .init("cases")])
    table.add([.text("a_b & 50 % {x}"), .number(12.3456789, digits: 2), .count(1234)], mark: "worst")
    table.add([.text("c|d, \"e\""), .empty, .number(-0.5, digits: 1)])
    table.add([.text("–"), .number(.infinity, digits: 1), .number(.nan, digits: 1)])
    return table
  }

  @Test func csvHoldsEveryDigit() throws {
    let read = try CSVTable(table.csv(), path: "t.csv")
    #expect(read.columns == ["site", "HD95 [mm]", "cases", "mark"])
    #expect(read.rows[0] == ["a_b & 50 % {x}", "12.3456789", "1234", "worst"])
    #expect(read.rows[1] == ["c|d, \"e\"", "", "-0.5", ""])
  }

  @Test func latexIsEscaped() {
    let text = table.latex(caption: "One\nline")
    #expect(text.hasPrefix("% One line\n"))
    #expect(text.contains("\\begin{tabular}{lrr}"))
    #expect(text.contains("a\\_b \\& 50 \\% \\{x\\} (worst) & 12.35 & 1,234 \\\\"))
    #expect(text.contains("$-$0.5"))
    #expect(text.contains("$\\infty$ & --"))
  }

  @Test func markdownIsEscaped() {
    let text = table.markdown(caption: "Caption")
    #expect(text.contains("| site | HD95 \\[mm\\] | cases |\n| --- | ---: | ---: |\n"))
    #expect(text.contains("| c\\|d, \"e\" | – | −0.5 |"))
  }
}
