import Foundation
import Foundations
import NeuralNetwork
import Reporting
import Tensor
import Training

/// What all kinds of `segfed benchmark` have in common.
package struct BenchmarkSettings: Sendable {
  /// segfed's own version.
  package let version: String
  package let threads: Int
  package let numerics: Numerics
  /// Steps before timing; nil: the network's.
  package var warmup: Int?
  /// Timed steps, and inferences; nil: the network's.
  package var repetitions: Int?
  /// How each convolution's passes are computed.
  package private(set) var choice = ConvolutionChoice()
  /// SHA-256 of the tuning table that `choice` comes from.
  package private(set) var tuningDigest: String?
  package var isQuiet = false

  /// `mode` is how the process' kernels were chosen.
  package init(version: String, threads: Int, mode: Numerics.Mode = .native) {
    self.version = version
    self.threads = threads
    numerics = .current(mode)
  }

  package var loop: ParallelLoop { ParallelLoop(threads: threads) }

  /// Takes one strategy for every pass that it serves. Throws `BenchmarkError` where its name is unknown, or
  /// where it serves no pass of one of the networks.
  package mutating func override(with name: String, in networks: [BenchmarkNetwork]) throws {
    guard let strategy = StrategyName(name) else { throw BenchmarkError.unknownStrategy(found: name) }
    choice.override = strategy
    for network in networks {
      let serves = try network.convolutions().contains { convolution in
        convolution.passes.contains { choice.strategy(convolution.shape, $0) == strategy }
      }
      guard serves else { throw BenchmarkError.idleStrategy(found: name, network: network.name) }
    }
  }

  /// Takes the strategies from a tuning table. Throws `FileError`, `TuningError` or `NetworkError`.
  package mutating func tune(with path: String, for networks: [BenchmarkNetwork]) throws {
    let table = try TuningTable.read(path)
    for network in networks { try table.checkServes(network.convolutions(), file: path) }
    choice = table.choice
    tuningDigest = table.digest
  }

  /// What every figure is to be read with.
  package var summary: String {
    let mode = numerics.mode == .portable ? ", portable" : ""
    let by = tuningDigest.map { ", tuning table \($0.prefix(12))" } ?? choice.override.map { ", \($0)" } ?? ""
    return "\(MachineDescription.current.summary)\n"
      + "\(numerics.kernels) kernels, OpenBLAS \(numerics.openblasVersion) \(numerics.openblasCore), "
      + "\(threads) thread\(threads == 1 ? "" : "s")\(mode)\(by)\n" + (Self.coreWarning(numerics) ?? "")
  }

  /// OpenBLAS falls back to kernels of 2004 on a CPU that it does not know: its products, and what is
  /// compared with them, are then slower than the machine.
  package static func coreWarning(_ numerics: Numerics) -> String? {
    guard numerics.kernels != "portable", !BLAS.isWide(core: numerics.openblasCore) else { return nil }
    return "OpenBLAS does not know this CPU and computes without AVX2: sgemm is below the machine's best.\n"
      + "Set OPENBLAS_CORETYPE=\(numerics.kernels == "avx512" ? "SkylakeX" : "Haswell") in the environment.\n"
  }

  /// A document's first members, the same in every kind of benchmark and in `pytorch_unet.py`.
  var members: [(String, JSONValue)] {
    [
      ("tool", .string("segfed")), ("version", .string(version)),
      ("machine", MachineDescription.current.json),
      (
        "numerics",
        .object([
          ("mode", .string(numerics.mode.rawValue)), ("kernels", .string(numerics.kernels)),
          ("openblas_core", .string(numerics.openblasCore)),
          ("openblas_version", .string(numerics.openblasVersion)),
        ])
      ),
      ("threads", .integer(threads)), ("strategy", .string(choice.override?.description)),
      ("tuning_digest", .string(tuningDigest)),
    ]
  }

  /// Throws `StoppedByUser` if the user asked to stop.
  func checkInterruption() throws { try Interruption.check(kept: "Nothing was written.") }
}
