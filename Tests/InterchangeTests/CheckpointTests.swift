import Foundation
import Foundations
import Interchange
import Synchronization
import TestSupport
import Testing

private struct State: Codable, Equatable {
  let text: String
  let number: Double
}

/// Lines that a store told.
private final class Lines: Sendable {
  private let list = Mutex<[String]>([])
  var all: [String] { list.withLock { $0 } }
  func add(_ line: String) { list.withLock { $0.append(line) } }
}

struct CheckpointTests {
  private let folder: TemporaryFolder
  private let lines = Lines()
  // What might be taken for the digest's place must not be.
  private let state = State(text: #"a "sha256":"00" b"#, number: 0.1 + 0.2)
  private let tensors = [
    NamedTensor(name: "weights", shape: [2, 3], values: [1, -2, .pi, 0, .leastNonzeroMagnitude, 6]),
    NamedTensor(name: "sha256", shape: [1], values: [7]),
  ]

  init() throws { folder = try TemporaryFolder() }

  private func store(owner: String = "coordinator", runID: String = "run-1") -> CheckpointStore {
    CheckpointStore(folder: folder.file("checkpoints"), owner: owner, runID: runID, warn: lines.add)
  }

  private func write(_ position: CheckpointPosition, keeping: [CheckpointPosition] = []) throws {
    try store().write(tensors, state: state, at: position, keeping: keeping)
  }

  @Test func readsWhatItWrote() throws {
    let position = CheckpointPosition(round: 3, step: 250)
    try write(position)
    let checkpoint = try #require(try store().read(position))
    #expect(checkpoint.tensors == tensors)
    #expect(checkpoint.position == position)
    #expect(try JSONDecoder().decode(State.self, from: checkpoint.state) == state)
    // Any reader of safetensors can look into it.
    #expect(try SafetensorsFile.read(store().path(position)).tensors == tensors)
    #expect(lines.all.isEmpty)
  }

  /// Not a single bit may be another, and not a byte be missing or added.
  @Test func everyDamageIsFound() throws {
    let position = CheckpointPosition(round: 1)
    try write(position)
    let path = store().path(position)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    var stream = RandomStream(seed: 1, purpose: .test)
    for index in whole.indices {
      var damaged = whole
      damaged[index] ^= 1 << UInt8(stream.integer(below: 8))
      #expect(throws: InterchangeError.self, "byte \(index)") {
        try Checkpoint.decoded(damaged, path: path)
      }
      #expect(throws: InterchangeError.self, "cut at \(index)") {
        try Checkpoint.decoded(whole.prefix(index), path: path)
      }
    }
    #expect(throws: InterchangeError.self) { try Checkpoint.decoded(whole + [0], path: path) }
    try (whole.dropLast(10)).write(to: URL(fileURLWithPath: path))
    #expect(try store().read(position) == nil)
    #expect(lines.all.count == 1 && lines.all[0].hasPrefix(path))
  }

  @Test func twoAreKept() throws {
    for round in 1...4 { try write(CheckpointPosition(round: round)) }
    #expect(store().positions() == [4, 3].map { CheckpointPosition(round: $0) })
    try write(CheckpointPosition(round: 5, step: 2), keeping: [CheckpointPosition(round: 4)])
    try write(CheckpointPosition(round: 5, step: 4), keeping: [CheckpointPosition(round: 4)])
    try write(CheckpointPosition(round: 5, step: 6), keeping: [CheckpointPosition(round: 4)])
    #expect(
      store().positions() == [
        CheckpointPosition(round: 5, step: 6), CheckpointPosition(round: 5, step: 4),
        CheckpointPosition(round: 4),
      ])
    try write(CheckpointPosition(round: 1_234_567))
    #expect(store().positions().first == CheckpointPosition(round: 1_234_567))
    try CheckpointStore.removeAll(in: folder.file("checkpoints"))
    #expect(!FileManager.default.fileExists(atPath: folder.file("checkpoints")))
  }

  @Test func ownersShareAFolder() throws {
    try write(CheckpointPosition(round: 1))
    #expect(store(owner: "trainer").positions().isEmpty)
    let other = store(owner: "trainer")
    for round in 1...3 { try other.write(tensors, state: state, at: CheckpointPosition(round: round)) }
    #expect(store().positions() == [CheckpointPosition(round: 1)])
  }

  @Test func anothersIsPassedOver() throws {
    let position = CheckpointPosition(round: 2)
    try write(position)
    #expect(try store(runID: "run-2").read(position) == nil)
    let renamed = CheckpointPosition(round: 3)
    try FileManager.default.copyItem(atPath: store().path(position), toPath: store().path(renamed))
    #expect(try store().read(renamed) == nil)
    let taken = store(owner: "trainer").path(position)
    try FileManager.default.copyItem(atPath: store().path(position), toPath: taken)
    #expect(try store(owner: "trainer").read(position) == nil)
    #expect(lines.all.count == 3)
  }

  @Test func aNewerOneIsRefused() throws {
    let position = CheckpointPosition(round: 2)
    try write(position)
    let path = store().path(position)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let place = try #require(bytes.range(of: Data(#""schema_version":"1""#.utf8)))
    bytes.replaceSubrange(place, with: Data(#""schema_version":"2""#.utf8))
    try bytes.write(to: URL(fileURLWithPath: path))
    #expect(throws: InterchangeError.checkpointFromNewer(path: path, found: 2, expected: 1)) {
      try store().read(position)
    }
  }
}
