import Foundation
import Foundations
import NeuralNetwork
import Tensor
import Yams

extension TuningTable {
  /// Reads a table that was made for these kernels. Throws `FileError` or `TuningError`.
  package static func read(_ path: String, kernels: String = KernelChoice.current.name) throws -> TuningTable
  {
    guard FileManager.default.fileExists(atPath: path) else { throw FileError.notFound(path: path) }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw FileError.unreadable(path: path, reason: "not a readable file")
    }
    return try parse(String(decoding: data, as: UTF8.self), file: path, kernels: kernels)
  }

  /// Parses YAML; `file` names it in messages. Throws `TuningError`.
  package static func parse(_ text: String, file: String, kernels: String) throws -> TuningTable {
    let content: TableContent
    do {
      guard let mapping = try Yams.compose(yaml: text)?.mapping else {
        throw TuningError.syntax(file: file, reason: "found no mapping of keys")
      }
      try checkKeys(mapping, file: file)
      content = try YAMLDecoder().decode(TableContent.self, from: text)
    } catch let error as TuningError {
      throw error
    } catch let error as DecodingError {
      throw TuningError.syntax(file: file, reason: PlanFile.reason(error))
    } catch {
      throw TuningError.syntax(file: file, reason: "not YAML")
    }
    func fault(_ field: String, _ found: String, _ expected: String) -> TuningError {
      .field(file: file, field: field, found: found, expected: expected)
    }
    guard content.schemaVersion == schemaVersion else {
      throw fault("schema_version", "\(content.schemaVersion)", "\(schemaVersion)")
    }
    guard content.kernels == kernels else {
      throw TuningError.kernels(file: file, found: content.kernels, expected: kernels)
    }
    guard !content.entries.isEmpty else { throw fault("entries", "none", "at least one") }
    var seen: Set<ConvolutionChoice.Key> = []
    let entries = try content.entries.enumerated().map { index, line in
      let field = "entries, \(index + 1)"
      let entry = try line.entry { fault("\(field), \($0)", $1, $2) }
      guard seen.insert(ConvolutionChoice.Key(shape: entry.shape, pass: entry.pass)).inserted else {
        throw fault(field, "a shape and pass for the second time", "each once")
      }
      let serving = ConvolutionChoice(kernels: kernels).candidates(entry.shape, entry.pass).map(\.strategy)
      guard serving.contains(entry.strategy) else {
        let names = serving.map(\.description).joined(separator: ", ")
        throw fault("\(field), strategy", "\(entry.strategy)", "one that serves the pass: \(names)")
      }
      return entry
    }
    return TuningTable(
      kernels: content.kernels, openblasCore: content.openblasCore, cpu: content.cpu, entries: entries)
  }

  /// A misspelt key must not pass for none.
  private static func checkKeys(_ mapping: Node.Mapping, file: String) throws {
    let lines = mapping["entries"]?.sequence?.compactMap(\.mapping) ?? []
    let levels =
      [(mapping, TableContent.CodingKeys.allCases.map(\.rawValue), "")]
      + lines.map { ($0, TableLine.CodingKeys.allCases.map(\.rawValue), "entries, ") }
    for (mapping, known, field) in levels {
      for key in mapping.keys.compactMap(\.string) where !known.contains(key) {
        throw TuningError.field(
          file: file, field: field + key, found: "an unknown key",
          expected: "some of \(known.joined(separator: ", "))")
      }
    }
  }
}

/// The file as it is written.
private struct TableContent: Decodable {
  let schemaVersion: Int
  let kernels: String
  let openblasCore: String
  let cpu: String?
  let entries: [TableLine]

  enum CodingKeys: String, CodingKey, CaseIterable {
    case schemaVersion = "schema_version"
    case kernels
    case openblasCore = "openblas_core"
    case cpu, entries
  }
}

/// One entry as it is written; axes are depth, height, width.
private struct TableLine: Decodable {
  let batch: Int
  let input: [Int]
  let inputChannels: Int
  let outputChannels: Int
  let kernel: [Int]
  let stride: [Int]
  let padding: [Int]
  let pass: String
  let strategy: String
  let milliseconds: Double?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case batch, input
    case inputChannels = "input_channels"
    case outputChannels = "output_channels"
    case kernel, stride, padding, pass, strategy
    case milliseconds = "ms"
  }

  /// The entry, once each field is in its range: shapes are computed with, and must not overflow.
  func entry(
    _ fault: (_ field: String, _ found: String, _ expected: String) -> TuningError
  ) throws -> TuningTable.Entry {
    func inRange(_ field: String, _ values: [Int], _ range: ClosedRange<Int>, count: Int = 3) throws {
      guard values.count == count, values.allSatisfy(range.contains) else {
        let kind = count == 1 ? "a number" : "three numbers"
        throw fault(
          field, values.map(String.init).joined(separator: ", "),
          "\(kind) from \(range.lowerBound) to \(range.upperBound)")
      }
    }
    try inRange("batch", [batch], 1...256, count: 1)
    try inRange("input", input, 1...4096)
    try inRange("input_channels", [inputChannels], 1...4096, count: 1)
    try inRange("output_channels", [outputChannels], 1...4096, count: 1)
    try inRange("kernel", kernel, 1...7)
    try inRange("stride", stride, 1...7)
    try inRange("padding", padding, 0...6)
    let voxels = input.reduce(batch, *)
    guard voxels <= 1 << 31 else { throw fault("input", "\(voxels) voxels in a batch", "at most \(1 << 31)") }
    for axis in 0..<3 where kernel[axis] > input[axis] + 2 * padding[axis] {
      throw fault(
        "kernel", "\(kernel[axis])", "at most the padded input's \(input[axis] + 2 * padding[axis])")
    }
    guard let pass = ConvolutionPass(rawValue: pass) else {
      let known = ConvolutionPass.allCases.map(\.rawValue).joined(separator: ", ")
      throw fault("pass", self.pass, "one of \(known)")
    }
    guard let strategy = StrategyName(strategy) else {
      throw fault("strategy", self.strategy, "one of \(StrategyName.spellings)")
    }
    func axes(_ values: [Int]) -> Axes { Axes(values[0], values[1], values[2]) }
    let shape = ConvolutionShape(
      input: TensorShape(
        batch: batch, depth: input[0], height: input[1], width: input[2], channels: inputChannels),
      outputChannels: outputChannels, kernel: axes(kernel), stride: axes(stride), padding: axes(padding))
    return TuningTable.Entry(shape: shape, pass: pass, strategy: strategy, milliseconds: milliseconds)
  }
}
