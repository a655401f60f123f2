import Foundations
import Harmonization
import Testing

@Suite struct SortedValuesTests {
  /// Of small scans and of scans cut in pieces, of any numbers and of whole ones.
  @Test(arguments: [1000, 150_000], [false, true])
  func valuesAreSorted(voxels: Int, isWhole: Bool) {
    var stream = RandomStream(seed: 2, purpose: .test)
    let values =
      (0..<voxels).map { _ -> Float in
        let value = Float(stream.normal() * 1e3)
        return isWhole ? value.rounded() : value
      } + [0, -0.0]
    let sorted = SortedValues(
      values, mask: values.indices.map { $0 % 7 == 0 ? 0 : 1 }, loop: ParallelLoop(threads: 3))
    let expected = values.indices.filter { $0 % 7 != 0 }.map { Double(values[$0]) }.sorted()
    #expect(sorted.count == expected.count)
    for index in stride(from: 0, to: expected.count, by: 97) {
      let percent = 100 * Double(index) / Double(expected.count - 1)
      #expect(abs(sorted.percentile(percent) - expected[index]) <= 1e-9 * abs(expected[index]) + 1e-6)
    }
  }
}
