import Foundations
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

  /// Random places with one to three stretches each: no two that live at once overlap, and the bound is that of
  /// counting moment by moment.
  @Test(arguments: 0..<40) func randomLifetimesKeepApart(seed: UInt64) {
    var stream = RandomStream(seed: seed, purpose: .test)
    var plan = ArenaPlan()
    var live: [(place: ArenaPlan.Place, moments: Set<Int>)] = []
    for _ in 0..<stream.integer(below: 40) + 2 {
      let place = plan.reserve(stream.integer(below: 5000) + 1)
      var moments: Set<Int> = []
      for _ in 0...stream.integer(below: 3) {
        let first = stream.integer(below: 60)
        let times = first...(first + stream.integer(below: 12))
        plan.use(place, during: times)
        moments.formUnion(times)
      }
      live.append((place, moments))
    }
    let layout = plan.layout()
    func range(_ place: ArenaPlan.Place) -> Range<Int> {
      layout.offset(place)..<layout.offset(place) + place.count
    }
    for (i, a) in live.enumerated() {
      #expect(layout.offset(a.place) % 16 == 0)
      #expect(layout.offset(a.place) >= 0 && range(a.place).upperBound <= layout.count)
      for b in live[(i + 1)...] where !a.moments.isDisjoint(with: b.moments) {
        #expect(!range(a.place).overlaps(range(b.place)))
      }
    }
    let counts = (0..<72).map { moment in
      live.filter { $0.moments.contains(moment) }.reduce(0) { $0 + ($1.place.count + 15) / 16 * 16 }
    }
    #expect(plan.leastCount == counts.max())
    #expect(Array(counts.prefix(plan.liveCounts().count)) == plan.liveCounts())
    #expect(layout.count >= plan.leastCount)
  }

  @Test func buffersBeginOnCacheLines() {
    for count in [0, 1, 63, 1000] {
      let buffer = FloatBuffer(count: count)
      #expect(Int(bitPattern: buffer.pointer) % 64 == 0)
      #expect(buffer.values == [Float](repeating: 0, count: count))
    }
  }
}
