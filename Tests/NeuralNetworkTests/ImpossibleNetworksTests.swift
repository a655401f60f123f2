import Foundations
import NeuralNetwork
import Tensor
import Testing

/// Networks that cannot be, or not here, are refused with words before any memory is taken.
@Suite struct ImpossibleNetworksTests {
  private static let solid = UNetArchitecture(
    dimensions: 3, inputChannels: 4, classes: 4, widths: [32, 64, 128, 256])

  private static func changed(_ change: (inout UNetArchitecture) -> Void) -> UNetArchitecture {
    var architecture = solid
    change(&architecture)
    return architecture
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var architecture = ImpossibleNetworksTests.solid
    var batch = 1
    var patch = Axes(64, 64, 64)
    let error: NetworkError
  }

  static let cases = [
    Case(
      testDescription: "patch below two of the coarsest voxels", patch: Axes(8, 64, 64),
      error: .patch(axis: "depth", extent: 8, stages: 4, multiple: 8)),
    Case(
      testDescription: "no patch", patch: Axes(0, 0, 0),
      error: .patch(axis: "depth", extent: 0, stages: 4, multiple: 8)),
    Case(
      testDescription: "negative patch", patch: Axes(64, 64, .min),
      error: .patch(axis: "width", extent: .min, stages: 4, multiple: 8)),
    Case(
      testDescription: "endless patch", patch: Axes(64, .max, 64),
      error: .patch(axis: "height", extent: .max, stages: 4, multiple: 8)),
    Case(
      testDescription: "largest multiple", patch: Axes(64, .max - 7, 64),
      error: .patch(axis: "height", extent: .max - 7, stages: 4, multiple: 8)),
    Case(testDescription: "no batch", batch: 0, error: .batch(found: 0)),
    Case(testDescription: "negative batch", batch: -3, error: .batch(found: -3)),
    Case(
      testDescription: "batch beyond counting", batch: 1 << 40,
      error: .tooLarge(batch: 1 << 40, patch: Axes(64, 64, 64), stage: 0, channels: 64)),
    Case(
      testDescription: "batch whose product wraps around", batch: .max,
      error: .tooLarge(batch: .max, patch: Axes(64, 64, 64), stage: 0, channels: 64)),
    Case(
      testDescription: "patch and batch beyond counting",
      architecture: changed { $0.inputChannels = 64 }, batch: 1 << 40, patch: Axes(4096, 4096, 4096),
      error: .tooLarge(batch: 1 << 40, patch: Axes(4096, 4096, 4096), stage: 0, channels: 64)),
    Case(
      testDescription: "no contrasts", architecture: changed { $0.inputChannels = 0 },
      error: .outOfRange(field: "contrasts", found: 0, lower: 1, upper: 64)),
    Case(
      testDescription: "negative classes", architecture: changed { $0.classes = -1 },
      error: .outOfRange(field: "classes", found: -1, lower: 1, upper: 64)),
    Case(
      testDescription: "no stages", architecture: changed { $0.widths = [] },
      error: .outOfRange(field: "network.widths (stages)", found: 0, lower: 2, upper: 8)),
    Case(
      testDescription: "seventy stages",
      architecture: changed { $0.widths = Array(repeating: 8, count: 70) },
      error: .outOfRange(field: "network.widths (stages)", found: 70, lower: 2, upper: 8)),
    Case(
      testDescription: "no feature maps", architecture: changed { $0.widths = [8, 0, 8, 8] },
      error: .outOfRange(field: "network.widths", found: 0, lower: 1, upper: 2048)),
    Case(
      testDescription: "feature maps beyond counting", architecture: changed { $0.widths = [8, 8, .max, 8] },
      error: .outOfRange(field: "network.widths", found: .max, lower: 1, upper: 2048)),
    Case(
      testDescription: "four dimensions", architecture: changed { $0.dimensions = 4 },
      error: .dimensions(found: 4)),
    Case(
      testDescription: "no convolutions", architecture: changed { $0.convolutionsPerStage = 0 },
      error: .outOfRange(field: "network.convolutions_per_stage", found: 0, lower: 1, upper: 4)),
    Case(
      testDescription: "too few strides", architecture: changed { $0.strides = [.one, Axes(2, 2, 2)] },
      error: .stageCount(field: "network.strides", found: 2, expected: 4)),
    Case(
      testDescription: "no strides", architecture: changed { $0.strides = [] },
      error: .stageCount(field: "network.strides", found: 0, expected: 4)),
    Case(
      testDescription: "a step into the first stage",
      architecture: changed { $0.strides = Array(repeating: Axes(2, 2, 2), count: 4) },
      error: .stageAxes(
        field: "network.strides", stage: 0, found: Axes(2, 2, 2),
        expected: "1 or 2 along each axis, into the first stage 1")),
    Case(
      testDescription: "an endless step",
      architecture: changed { $0.strides = [.one, .one, Axes(1, .max, 1), .one] },
      error: .stageAxes(
        field: "network.strides", stage: 2, found: Axes(1, .max, 1),
        expected: "1 or 2 along each axis, into the first stage 1")),
    Case(
      testDescription: "a step of no voxels",
      architecture: changed { $0.strides = [.one, .one, Axes(1, 0, 1), .one] },
      error: .stageAxes(
        field: "network.strides", stage: 2, found: Axes(1, 0, 1),
        expected: "1 or 2 along each axis, into the first stage 1")),
    Case(
      testDescription: "an even kernel",
      architecture: changed { $0.kernels = [.one, .one, Axes(3, 2, 3), .one] },
      error: .stageAxes(
        field: "network.kernels", stage: 2, found: Axes(3, 2, 3), expected: "1, 3, 5 or 7 along each axis")),
    Case(
      testDescription: "a deep kernel in 2D",
      architecture: changed {
        ($0.dimensions, $0.kernels) = (2, [.one, .one, .one, Axes(3, 3, 3)])
      }, patch: Axes(1, 64, 64),
      error: .stageAxes(
        field: "network.kernels", stage: 3, found: Axes(3, 3, 3),
        expected: "1, 3, 5 or 7 along each axis, along z 1 in 2D")),
    Case(
      testDescription: "too many stages of blocks",
      architecture: changed { $0.encoder = .residual(blocksPerStage: [1, 1, 1, 1, 1]) },
      error: .stageCount(field: "network.blocks_per_stage", found: 5, expected: 4)),
    Case(
      testDescription: "a stage without blocks",
      architecture: changed { $0.encoder = .residual(blocksPerStage: [1, 1, 0, 1]) },
      error: .outOfRange(field: "network.blocks_per_stage", found: 0, lower: 1, upper: 8)),
    Case(
      testDescription: "a patch that one axis' steps do not divide",
      architecture: changed { $0.strides = [.one, Axes(1, 2, 2), Axes(2, 2, 2), Axes(1, 2, 2)] },
      patch: Axes(6, 64, 60), error: .patch(axis: "width", extent: 60, stages: 4, multiple: 8)),
  ]

  @Test(arguments: cases) func isRefused(_ item: Case) {
    for isTraining in [true, false] {
      #expect(throws: item.error) {
        try UNet(
          item.architecture, batch: item.batch, patch: item.patch, isTraining: isTraining, loop: .serial)
      }
    }
    #expect(!item.error.description.contains("\n"))
  }

  // MARK: - Too large for the machine

  private static let largest = Axes(4096, 4096, 4096)

  /// The largest that can be counted; all sizes on the way must hold.
  @Test(arguments: [
    (changed { $0.widths = [32, 64] }, 1, largest), (changed { $0.widths = [2048, 2048] }, 1, largest),
    (changed { $0.widths = Array(repeating: 2048, count: 8) }, 256, Axes(256, 256, 256)),
    (
      changed {
        $0.widths = Array(repeating: 1, count: 8)
        ($0.inputChannels, $0.classes, $0.convolutionsPerStage) = (1, 2, 4)
      }, 1 << 10, largest
    ),
    (
      changed {
        $0.widths = Array(repeating: 512, count: 8)
        $0.strides = Array(repeating: .one, count: 8)
        $0.encoder = .residual(blocksPerStage: [1, 2, 2, 2, 2, 2, 2, 2])
        ($0.kernels, $0.deepSupervision) = (Array(repeating: Axes(7, 7, 7), count: 8), true)
      }, 1, Axes(1024, 1024, 1024)
    ), (changed { ($0.dimensions, $0.downsampling) = (2, .maxPool) }, 1 << 16, Axes(1, 4096, 4096)),
  ]) func neverFits(architecture: UNetArchitecture, batch: Int, patch: Axes) throws {
    let available = 8_000_000_000
    for (isTraining, ceiling) in [(true, nil), (false, nil), (true, available)] {
      let error = #expect(throws: NetworkError.self) {
        try UNetPlan(
          architecture, batch: batch, patch: patch, isTraining: isTraining, threads: 1024,
          options: NetworkOptions(memoryCeiling: ceiling, optimizer: .adam(weightDecay: 0)),
          available: available)
      }
      guard case .memory(let shortage) = try #require(error) else { continue }
      #expect(shortage.needed > shortage.allowed && shortage.allowed == available)
      #expect(shortage.batch == batch && shortage.patch == patch)
      // A tensor of the finest stage alone is less than the network.
      let map = 4 * Double(batch) * Double(patch.product) * Double(architecture.widths[0])
      #expect(Double(shortage.needed) > map && Double(shortage.needed) < 1000 * map + 1e12)
      #expect(throws: NetworkError.self) {
        try UNet(
          architecture, batch: batch, patch: patch, isTraining: isTraining, loop: .serial,
          options: NetworkOptions(memoryCeiling: ceiling))
      }
    }
  }

  /// What a refusal advises fits, and the next larger does not.
  @Test(arguments: [nil, 1_200_000_000]) func adviceFits(ceiling: Int?) throws {
    let available = 1_500_000_000
    func plan(batch: Int, patch: Axes, ceiling: Int?) throws -> UNetPlan {
      try UNetPlan(
        Self.solid, batch: batch, patch: patch, isTraining: true, threads: 2,
        options: NetworkOptions(memoryCeiling: ceiling, optimizer: .adam(weightDecay: 0)),
        available: available)
    }
    let error = #expect(throws: NetworkError.self) {
      try plan(batch: 8, patch: Axes(96, 128, 160), ceiling: ceiling)
    }
    guard case .memory(let shortage) = try #require(error) else {
      Issue.record("\(String(describing: error))")
      return
    }
    let limit = ceiling ?? available
    #expect(shortage.allowed == limit)
    #expect(shortage.limit == (ceiling == nil ? .machine : .ceiling))
    let patch = try #require(shortage.fittingPatch)
    #expect(try plan(batch: 8, patch: patch, ceiling: ceiling).memory.total <= limit)
    for extent in [patch.depth, patch.height, patch.width] { #expect(extent % 8 == 0 && extent >= 16) }
    // The axes keep their proportions, to within the stride.
    let scale = Double(patch.width) / 160
    #expect(abs(Double(patch.depth) - 96 * scale) <= 8 && abs(Double(patch.height) - 128 * scale) <= 8)
    let larger = Axes(patch.depth + 8, patch.height + 8, patch.width + 8)
    #expect(throws: NetworkError.self) { try plan(batch: 8, patch: larger, ceiling: ceiling) }
    if let batch = shortage.fittingBatch {
      #expect(try plan(batch: batch, patch: Axes(96, 128, 160), ceiling: ceiling).memory.total <= limit)
    }
  }

  /// Without a ceiling nothing is recomputed in secret: the refusal names the ceiling that helps.
  @Test func ceilingThatHelpsIsNamed() throws {
    let patch = Axes(64, 64, 64)
    func plan(_ ceiling: Int?, available: Int?) throws -> UNetPlan {
      try UNetPlan(
        Self.solid, batch: 1, patch: patch, isTraining: true, threads: 2,
        options: NetworkOptions(memoryCeiling: ceiling), available: available)
    }
    let full = try plan(nil, available: nil).memory.total
    let error = #expect(throws: NetworkError.self) { try plan(nil, available: full - 1) }
    guard case .memory(let shortage) = try #require(error) else {
      Issue.record("\(String(describing: error))")
      return
    }
    let ceiling = try #require(shortage.fittingCeiling)
    #expect(shortage.description.contains("--memory"))
    #expect(try plan(ceiling, available: full - 1).memory.total <= ceiling)
  }
}
