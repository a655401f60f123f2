import Foundation
import Kernels
import NeuralNetwork
import Tensor
import Testing

/// nnU-Net's losses and PyTorch's optimisers (Tests/Python/loss_golden.py).
@Suite struct RecipeGoldenTests {
  static let losses = [
    "labels-2d", "labels-3d", "labels-3d-two-classes", "labels-2d-samples", "labels-3d-samples-seven-classes",
    "labels-empty-class", "labels-weights", "labels-weights-samples-three-classes", "regions-2d",
    "regions-3d",
    "regions-3d-samples", "regions-one", "regions-empty", "regions-weights", "deep-2d", "deep-3d",
    "deep-regions",
  ]

  @Test(arguments: losses) func lossesEqualNNUNets(name: String) throws {
    for kernels in KernelChoice.available {
      for threads in [1, 3] {
        let item = try LossCase(name, kernels: kernels)
        let found = item.loss.evaluate(targets: item.targets, loop: .init(threads: threads))
        #expect(abs(found - item.expected) < 2e-6 * max(1, abs(item.expected)), "\(kernels.name)")
        for (output, gradient) in zip(item.outputs, item.gradients) {
          let values = Array(UnsafeBufferPointer(start: output.gradient, count: output.shape.count))
          #expect(relativeError(values, gradient) < 1e-5, "\(kernels.name), \(output.shape)")
        }
      }
    }
  }

  @Test func deepSupervisionIsReallyCompared() throws {
    let counts = try Self.losses.filter { $0.hasPrefix("deep") }.map { name in
      try LossCase(name, kernels: KernelChoice.current).outputs.count
    }
    #expect(counts == [2, 3, 2])
  }

  /// Kind from the name; learning rate, weight decay, momentum, warm-up and clip from the file.
  @Test(arguments: [
    ("sgd", LearningRateSchedule.Course.polynomial), ("sgd-decay", .constant), ("adam", .polynomial),
    ("adam-unclipped", .cosine), ("adamw", .cosine), ("adamw-constant", .constant),
  ])
  func trajectoriesEqualPyTorchs(name: String, course: LearningRateSchedule.Course) throws {
    let golden = try GoldenTests.Golden("recipe")
    func values(_ key: String) throws -> [Float] { try golden.values("optimizer/\(name)/\(key)") }
    let settings = try values("settings")
    let kind: OptimizerKind =
      switch name.prefix { $0 != "-" } {
      case "sgd": .sgd(momentum: settings[2], weightDecay: settings[1])
      case "adam": .adam(weightDecay: settings[1])
      default: .adamW(weightDecay: settings[1])
      }
    let schedule = LearningRateSchedule(course, base: Double(settings[0]), warmupSteps: Int(settings[3]))
    let (start, gradients, path) = (try values("start"), try values("gradients"), try values("path"))
    let rates = try values("rates")
    for kernels in KernelChoice.available {
      let parameters = FloatBuffer(start)
      let optimizer = Optimizer(
        kind, count: start.count, clipNorm: settings[4] == 0 ? .infinity : Double(settings[4]),
        kernels: kernels)
      for step in rates.indices {
        let rate = schedule.rate(step: step, of: rates.count)
        #expect(abs(rate - Double(rates[step])) <= 1e-6 * Double(rates[step]), "step \(step)")
        let range = step * start.count..<(step + 1) * start.count
        optimizer.step(
          parameters: parameters, gradients: FloatBuffer(Array(gradients[range])), rate: Float(rate),
          loop: .serial)
        let error = relativeError(parameters.values, path[range].map(Double.init))
        #expect(error < 1e-6, "\(kernels.name), step \(step): \(error)")
      }
    }
  }
}

/// A batch of the golden file.
private struct LossCase {
  let outputs: [LossOutput]
  let loss: DeepSupervision
  let targets: [UInt8]
  let expected: Double
  let gradients: [[Double]]
  /// Keeps the outputs' memory.
  private let memory: [FloatBuffer]

  init(_ name: String, kernels: any KernelSet.Type) throws {
    let golden = try GoldenTests.Golden("recipe")
    let prefix = "loss/\(name)/"
    func number(_ key: String) throws -> Float { try golden.values(prefix + key)[0] }
    let shares = try golden.values(prefix + "shares")
    var outputs: [LossOutput] = []
    var memory: [FloatBuffer] = []
    for index in shares.indices {
      let logits = FloatBuffer(try golden.values(prefix + "logits\(index)"))
      let gradient = FloatBuffer([Float](repeating: .nan, count: logits.count))
      memory += [logits, gradient]
      outputs.append(
        LossOutput(
          logits: logits.pointer, gradient: gradient.pointer,
          shape: try golden.tensorShape(prefix + "logits\(index)"), weight: Double(shares[index])))
    }
    let classes = Int(try number("classes"))
    var kind = LossTargets.labels(classes)
    if golden.has(prefix + "regions") {
      let table = try golden.values(prefix + "regions")
      let regions = (0..<table.count / classes).map { region in
        (0..<classes).filter { table[region * classes + $0] == 1 }
      }
      kind = .regions(RegionMembership(classes: classes, regions: regions))
    }
    let weights = golden.has(prefix + "weights") ? try golden.values(prefix + "weights") : nil
    loss = DeepSupervision(
      LossSettings(kind, batchDice: try number("batch_dice") == 1, weights: weights), outputs: outputs,
      kernels: kernels)
    targets = try golden.values(prefix + "targets").map { UInt8($0) }
    expected = Double(try number("loss"))
    gradients = try shares.indices.map { try golden.values(prefix + "gradient\($0)").map(Double.init) }
    (self.outputs, self.memory) = (outputs, memory)
  }
}
