import Fingerprint
import Foundations
import Testing

@Suite struct ValueCountsTests {
  /// Percentiles of counts are those of the sorted values, which a test compares with NumPy elsewhere.
  @Test func percentilesAreThoseOfTheValues() {
    var stream = RandomStream(seed: 1, purpose: .test)
    for count in [1, 2, 3, 10, 251] {
      let values = (0..<count).map { _ in stream.integer(below: 40) }
      let counts = ValueCounts(values)
      let sorted = values.sorted().map(Double.init)
      for percent in [0.0, 0.5, 10, 37.5, 50, 99.5, 100] {
        #expect(counts.percentile(percent) == sorted.percentile(percent))
        let inMillimetres = sorted.map { $0 / 1000 }.percentile(percent)
        #expect(counts.percentile(percent, unit: 1000) == inMillimetres)
      }
      #expect(counts.cases == count && counts.least == values.min() && counts.largest == values.max())
    }
    #expect(ValueCounts().percentile(50) == nil)
  }

  @Test func countsOfPartsAreThoseOfAll() {
    let parts = [[3, 1, 3], [], [2, 3], [1]]
    let merged = parts.map { ValueCounts($0) }.reduce(ValueCounts()) { $0.merged(with: $1) }
    #expect(merged == ValueCounts([1, 1, 2, 3, 3, 3]))
    #expect(merged.entries.map(\.value) == [1, 2, 3] && merged.entries.map(\.cases) == [2, 1, 3])
  }
}
