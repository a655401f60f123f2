import Tensor

/// When the tensors of a scheduled step are read and overwritten: lifetimes, and the gaps between uses.
struct StepTimeline {
  private struct Use {
    let moment: Int
    /// Index into the schedule.
    let operation: Int
    let isWrite: Bool
  }

  /// A time in which a tensor waits for a use on the way back, though it could be computed again.
  struct Gap {
    /// Moments between the two uses.
    let moments: Range<Int>
    /// Before which operation it would be computed again, and by which layers.
    let operation: Int
    let layers: [Int]
  }

  private let schedule: StepSchedule
  private var places: [ArenaPlan.Place?]
  /// By place and part.
  private var uses: [[Use]]
  /// The layer that computes a part, and can compute it again.
  private var producers: [Int?]

  init(_ schedule: StepSchedule, accesses: StepAccesses, placeCount: Int) {
    self.schedule = schedule
    places = Array(repeating: nil, count: placeCount)
    uses = Array(repeating: [], count: placeCount * Access.partsPerPlace)
    producers = Array(repeating: nil, count: uses.count)
    var moment = 0
    for (index, operation) in schedule.operations.enumerated() {
      for phase in accesses.phases(operation) {
        for access in phase { note(access, moment: moment, operation: index) }
        moment += 1
      }
    }
    for (index, layer) in accesses.layers.enumerated() {
      for access in layer.recompute where access.isWrite && access.place != .none {
        for tensor in Self.tensors(access) { producers[tensor] = index }
      }
    }
  }

  private static func tensors(_ access: Access) -> [Int] {
    access.parts.map { access.place.index * Access.partsPerPlace + $0 }
  }

  private mutating func note(_ access: Access, moment: Int, operation: Int) {
    if access.place == .none { return }
    places[access.place.index] = access.place
    for tensor in Self.tensors(access) {
      uses[tensor].append(Use(moment: moment, operation: operation, isWrite: access.isWrite))
    }
  }

  /// Tells the arena when each place holds values: from a write to the last read before the next write.
  func mark(in arena: inout ArenaPlan) {
    for (tensor, uses) in uses.enumerated() {
      guard let place = places[tensor / Access.partsPerPlace], let first = uses.first else { continue }
      precondition(first.isWrite, "a value is read before it is written")
      var (start, last) = (first.moment, first.moment)
      for use in uses.dropFirst() {
        if use.isWrite {
          arena.use(place, during: start...last)
          start = use.moment
        }
        last = use.moment
      }
      arena.use(place, during: start...last)
    }
  }

  /// All gaps, by place and time.
  var gaps: [Gap] { places.indices.flatMap { gaps(of: $0) } }

  private func gaps(of place: Int) -> [Gap] {
    let parts = (0..<Access.partsPerPlace).map { place * Access.partsPerPlace + $0 }
    let merged = parts.flatMap { uses[$0] }.sorted { $0.moment < $1.moment }
    var gaps: [Gap] = []
    for (before, after) in zip(merged, merged.dropFirst()) {
      // Between neighbours nothing is won.
      guard after.operation > schedule.outputIndex, after.operation > before.operation + 1 else { continue }
      let waiting = parts.filter { tensor in
        uses[tensor].contains { $0.moment <= before.moment }
          && uses[tensor].first { $0.moment >= after.moment }?.isWrite == false
      }
      let layers = waiting.compactMap { producers[$0] }
      guard !waiting.isEmpty, layers.count == waiting.count else { continue }
      gaps.append(
        Gap(
          moments: (before.moment + 1)..<after.moment, operation: after.operation,
          // The skip connection's half comes from an earlier layer than the decoder's.
          layers: layers.sorted()))
    }
    return gaps
  }
}
