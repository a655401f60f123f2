import Foundation
import NeuralNetwork
import Tensor
import Testing
import Training

struct TuningTableTests {
  private let shapes = [
    ConvolutionShape(
      input: TensorShape(batch: 2, depth: 1, height: 12, width: 10, channels: 3), outputChannels: 5,
      kernel: Axes(1, 3, 3), padding: Axes(0, 1, 1)),
    ConvolutionShape(
      input: TensorShape(batch: 1, depth: 8, height: 8, width: 8, channels: 4), outputChannels: 8,
      kernel: Axes(3, 3, 3), stride: Axes(2, 2, 2), padding: Axes(1, 1, 1)),
  ]

  private var entries: [TuningTable.Entry] {
    [
      .init(
        shape: shapes[0], pass: .forward, strategy: .winograd(WinogradTile(Axes(1, 4, 2))), milliseconds: 1),
      .init(shape: shapes[0], pass: .weightGradient, strategy: .direct, milliseconds: 2.5),
      .init(shape: shapes[1], pass: .inputGradient, strategy: .reference),
    ]
  }

  private func table(_ entries: [TuningTable.Entry], cpu: String? = nil) -> TuningTable {
    TuningTable(kernels: "avx2", openblasCore: "Haswell", cpu: cpu, entries: entries)
  }

  private func parse(_ text: String, kernels: String = "avx2") throws -> TuningTable {
    try TuningTable.parse(text, file: "t.yaml", kernels: kernels)
  }

  @Test func whatIsWrittenIsRead() throws {
    let made = table(entries, cpu: "A \"quoted\" CPU: 2 \\ 3")
    #expect(try parse(made.text) == made)
    let choice = made.choice
    #expect(choice.strategy(shapes[0], .forward) == .winograd(WinogradTile(Axes(1, 4, 2))))
    #expect(choice.strategy(shapes[0], .weightGradient) == .direct)
    #expect(choice.strategy(shapes[1], .inputGradient) == .reference)
    #expect(choice.decision(shapes[1], .inputGradient).reason == .table)
    #expect(choice.decision(shapes[1], .forward).reason == .model)
  }

  /// Order, times and the CPU's name are no part of what a table says.
  @Test func digestIsOfTheCanonicalForm() throws {
    let one = table(entries, cpu: "one")
    var slower = entries
    slower[0].milliseconds = 9
    let other = table(slower.reversed(), cpu: "other")
    #expect(one.text != other.text)
    #expect(one.canonicalText == other.canonicalText && one.digest == other.digest)
    #expect(try parse(one.canonicalText).digest == one.digest)
    #expect(table(Array(entries.dropLast())).digest != one.digest)
    var changed = entries
    changed[1] = .init(shape: shapes[0], pass: .weightGradient, strategy: .gather)
    #expect(table(changed).digest != one.digest)
  }

  struct Fault: Sendable, CustomTestStringConvertible {
    let find: String
    let replace: String
    let field: String
    var testDescription: String { "\(find) → \(replace)" }
  }

  static let faults = [
    Fault(find: "schema_version: 1", replace: "schema_version: 2", field: "schema_version"),
    Fault(find: "batch: 2", replace: "batch: 0", field: "entries, 1, batch"),
    Fault(find: "[1, 12, 10]", replace: "[1, 12]", field: "entries, 1, input"),
    Fault(find: "[1, 12, 10]", replace: "[1, 12, 9999999]", field: "entries, 1, input"),
    Fault(find: "[1, 12, 10]", replace: "[4096, 4096, 4096]", field: "entries, 1, input"),
    Fault(find: "input_channels: 3", replace: "input_channels: -3", field: "entries, 1, input_channels"),
    Fault(find: "padding: [0, 1, 1]", replace: "padding: [0, 1, 9]", field: "entries, 1, padding"),
    Fault(find: "kernel: [1, 3, 3]", replace: "kernel: [5, 3, 3]", field: "entries, 1, kernel"),
    Fault(find: "stride: [1, 1, 1]", replace: "stride: [0, 1, 1]", field: "entries, 1, stride"),
    Fault(find: "pass: forward", replace: "pass: backward", field: "entries, 1, pass"),
    Fault(find: "winograd:1x4x2", replace: "winograd:1x5x2", field: "entries, 1, strategy"),
    Fault(find: "winograd:1x4x2", replace: "winograd:4x4x4", field: "entries, 1, strategy"),
    Fault(find: "pass: weight gradient", replace: "pass: forward", field: "entries, 2"),
    Fault(find: "openblas_core", replace: "openblas_core: any\nopenblascore", field: "openblascore"),
    Fault(find: "pass: forward", replace: "pas: forward", field: "entries, pas"),
  ]

  @Test(arguments: faults) func faultIsNamed(_ fault: Fault) throws {
    let text = table(entries).text
    let range = try #require(text.range(of: fault.find))
    let bad = text.replacingCharacters(in: range, with: fault.replace)
    let error = try #require(throws: TuningError.self) { try parse(bad) }
    guard case .field(let file, let field, _, _) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(file == "t.yaml" && field == fault.field, "\(error)")
  }

  @Test func otherKernelsAreRefused() throws {
    #expect(throws: TuningError.kernels(file: "t.yaml", found: "avx2", expected: "avx512")) {
      try parse(table(entries).text, kernels: "avx512")
    }
  }

  @Test(arguments: ["", "a: [", "- 1", "schema_version: 1\nkernels: avx2"]) func syntax(text: String) throws {
    let error = try #require(throws: TuningError.self) { try parse(text) }
    guard case .syntax("t.yaml", _) = error else {
      Issue.record("\(error)")
      return
    }
  }

  @Test func aForeignTableIsRefused() throws {
    let architecture = UNetArchitecture(dimensions: 2, inputChannels: 3, classes: 2, widths: [5, 6])
    let own = try architecture.convolutions(batch: 2, patch: Axes(1, 12, 10), isTraining: true)
    try table(entries).checkServes(own, file: "t.yaml")
    let other = try architecture.convolutions(batch: 1, patch: Axes(1, 12, 10), isTraining: true)
    #expect(throws: TuningError.foreign(file: "t.yaml")) {
      try table(entries).checkServes(other, file: "t.yaml")
    }
  }
}
