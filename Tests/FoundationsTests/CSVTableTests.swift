import Foundations
import Testing

@Suite struct CSVTableTests {
  @Test(arguments: [
    ("a,b\n1,2\n", [["1", "2"]]), ("\u{FEFF}a, b \r\n1 ,2\r\n\r\n3,4", [["1", "2"], ["3", "4"]]),
    ("a,b\n\"x,\"\"y\"\"\nz\",\n", [["x,\"y\"\nz", ""]]), ("a,b\n", []),
  ])
  func isReadAsRFC4180(text: String, rows: [[String]]) throws {
    let table = try CSVTable(text, path: "t.csv")
    #expect(table.columns == ["a", "b"] && table.rows == rows)
    #expect(table.column("B") == 1 && table.column("c") == nil)
  }

  @Test func tabsSeparateToo() throws {
    #expect(try CSVTable("a\tb\n1,5\t2\n", path: "t.tsv", separator: "\t").rows == [["1,5", "2"]])
  }

  @Test func whatIsWrongIsNamed() {
    #expect(throws: CSVError.empty(path: "t")) { try CSVTable("\n", path: "t") }
    #expect(throws: CSVError.repeatedColumn(path: "t", name: "a")) { try CSVTable("a,a\n", path: "t") }
    #expect(throws: CSVError.fieldCount(path: "t", line: 3, found: 3, expected: 2)) {
      try CSVTable("a,b\n1,2\n1,2,3\n", path: "t")
    }
    #expect(throws: CSVError.openQuote(path: "t", line: 2)) { try CSVTable("a,b\n\"1,2\n", path: "t") }
  }
}
