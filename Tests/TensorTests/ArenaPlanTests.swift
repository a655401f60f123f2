import Tensor
import Testing

struct ArenaPlanTests {
  @Test func placesAreAlignedAndApart() {
    var plan = ArenaPlan()
    let places = [3, 16, 17, 1].map { plan.reserve($0) }
    for (a, b) in zip(places, places.dropFirst()) {
      #expect(a.offset + a.count <= b.offset)
      #expect(b.offset % 16 == 0)
    }
    #expect(plan.count >= places.last!.offset + 1)
  }

  @Test func buffersBeginOnCacheLines() {
    for count in [0, 1, 63, 1000] {
      let buffer = FloatBuffer(count: count)
      #expect(Int(bitPattern: buffer.pointer) % 64 == 0)
      #expect(buffer.values == [Float](repeating: 0, count: count))
    }
  }
}
