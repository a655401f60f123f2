import Tensor
import Testing

struct ArenaPlanTests {
  @Test func placesThatLiveTogetherAreAlignedAndApart() {
    var plan = ArenaPlan()
    let places = [3, 16, 17, 1].map { plan.reserve($0) }
    for place in places { plan.use(place, during: 0...5) }
    let layout = plan.layout()
    let ranges = places.map { layout.offset($0)..<layout.offset($0) + $0.count }
    for (i, a) in ranges.enumerated() {
      #expect(a.lowerBound % 16 == 0)
      #expect(a.upperBound <= layout.count)
      for b in ranges[(i + 1)...] { #expect(!a.overlaps(b)) }
    }
  }

  @Test func placesThatNeverMeetShareMemory() {
    var plan = ArenaPlan()
    let (a, b, c) = (plan.reserve(160), plan.reserve(96), plan.reserve(64))
    plan.use(a, during: 0...2)
    plan.use(b, during: 3...4)
    plan.use(c, during: 4...9)
    let layout = plan.layout()
    #expect(layout.count == 160)
    #expect(layout.offset(b) != layout.offset(c))
  }

  @Test func stretchesApartLeaveRoomBetween() {
    var plan = ArenaPlan()
    let (a, b) = (plan.reserve(32), plan.reserve(32))
    plan.use(a, during: 0...1)
    plan.use(a, during: 8...9)
    plan.use(b, during: 3...5)
    #expect(plan.layout().count == 32)
  }

  @Test func buffersBeginOnCacheLines() {
    for count in [0, 1, 63, 1000] {
      let buffer = FloatBuffer(count: count)
      #expect(Int(bitPattern: buffer.pointer) % 64 == 0)
      #expect(buffer.values == [Float](repeating: 0, count: count))
    }
  }
}
