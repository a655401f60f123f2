import Foundation
import Reporting
import Testing

struct JSONValueTests {
  @Test func keepsTheOrderOfKeys() {
    let value = JSONValue.object([
      ("z", .integer(-3)), ("a", .array([.bool(true), .null, .number(0.1)])), ("empty", .object([])),
      ("none", .array([])),
    ])
    #expect(
      value.rendered() == """
        {
          "z": -3,
          "a": [
            true,
            null,
            0.1
          ],
          "empty": {},
          "none": []
        }

        """)
    #expect(value.renderedInOneLine() == #"{"z": -3, "a": [true, null, 0.1], "empty": {}, "none": []}"#)
  }

  @Test func whatIsMissingIsNull() {
    let nothing: Double? = nil
    let text: String? = nil
    #expect(JSONValue.number(nothing) == .null)
    #expect(JSONValue.string(text) == .null)
    #expect(JSONValue.number(Optional(2.5)) == .number(2.5))
    #expect(JSONValue.string(Optional("a")) == .string("a"))
    #expect(JSONValue.number(.nan).rendered() == "null\n")
    #expect(JSONValue.number(-.infinity).rendered() == "null\n")
  }

  /// Foundation's parser is the reference.
  @Test(arguments: ["plain", "\"\\\n\r\t\u{0}\u{1F}", "ü 京 🧠", "</script>"])
  func stringsReadBackEqual(text: String) throws {
    let json = JSONValue.object([(text, .string(text))]).rendered()
    let read = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: String]
    #expect(read == [text: text])
  }

  @Test(
    arguments: [0.1, 1e300, -Double.leastNonzeroMagnitude, 123456789.123, 1e16, 0.0, 2.0 / 3.0] as [Double])
  func numbersReadBackEqual(number: Double) throws {
    let json = JSONValue.array([.number(number)]).rendered()
    #expect(try JSONDecoder().decode([Double].self, from: Data(json.utf8)) == [number])
  }
}
