import Foundations
import Testing

@Suite struct ColumnWidthTests {
  @Test(arguments: [
    ("", 0), ("abc", 3), ("äöü", 3), ("脳", 2), ("東京a", 5), ("✓▸█", 3), ("e\u{301}", 1), ("🧠", 2),
  ])
  func columns(text: String, expected: Int) { #expect(text.columnWidth == expected) }

  @Test(arguments: [
    ("Universität", 11, "Universität"), ("Universität", 5, "Univ…"), ("東京大学", 8, "東京大学"),
    ("東京大学", 7, "東京大…"), ("東京大学", 6, "東京…"), ("東京大学", 2, "…"), ("abc", 0, ""),
  ]) func clipping(text: String, columns: Int, expected: String) {
    let clipped = text.clipped(toColumns: columns)
    #expect(clipped == expected && clipped.columnWidth <= columns)
  }
}
