import Foundations
import Testing

struct CSVDocumentTests {
  @Test func quotesWhatRFC4180Asks() {
    var document = CSVDocument(columns: ["a", "b,c"])
    document.add(["say \"hi\"", "two\r\nlines"])
    document.add(["", " plain "])
    document.add(["\n", CSVDocument.field(0.1)])
    #expect(
      document.rendered()
        == "a,\"b,c\"\r\n\"say \"\"hi\"\"\",\"two\r\nlines\"\r\n, plain \r\n\"\n\",0.1\r\n")
  }

  @Test func missingNumbersAreEmpty() {
    #expect(CSVDocument.field(nil) == "")
    #expect(CSVDocument.field(.nan) == "")
    #expect(CSVDocument.field(2 / 3) == "0.6666666666666666")
  }
}
