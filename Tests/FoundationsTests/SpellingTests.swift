import Foundations
import Testing

@Suite struct SpellingTests {
  /// The textbook's pairs.
  @Test(arguments: [
    ("kitten", "sitting", 3), ("flaw", "lawn", 2), ("", "abc", 3), ("same", "SAME", 0), ("abc", "", 3),
    ("nnunet3", "nnunet3d", 1),
  ])
  func distancesAreLevenshteins(first: String, second: String, expected: Int) {
    #expect(Spelling.distance(first, second) == expected)
    #expect(Spelling.distance(second, first) == expected)
  }
}
