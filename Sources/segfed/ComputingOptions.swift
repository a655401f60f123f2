import ArgumentParser
import Foundation
import Foundations
import Tensor

extension Numerics.Mode: ExpressibleByArgument {}

/// With which kernels a command computes.
struct ComputingOptions: ParsableArguments {
  @Option(
    name: .long,
    help: "native: this CPU's fastest kernels. portable: the same bits on every CPU with AVX2, slower.")
  var numerics: Numerics.Mode = .native
}

/// A command that runs a network.
protocol ComputingCommand: ParsableCommand {
  /// With which kernels it computes. Throws where that follows from a file that cannot be read.
  func numericsMode() throws -> Numerics.Mode
}

/// A command whose user says with which kernels it computes.
protocol ComputingOptionsCommand: ComputingCommand {
  var computing: ComputingOptions { get }
}

extension ComputingOptionsCommand {
  func numericsMode() throws -> Numerics.Mode { computing.numerics }
}

extension ComputingCommand {
  /// Sees to it that the process computes as `--numerics` says: returns at once, or starts the program again.
  ///
  /// The new program takes the process over: number, arguments and open files stay, so exit code and signals
  /// are its own. It has the environment that it needs, and so does not start itself another time. Throws
  /// `KernelError`, and `FileError.notFound` where the program's file has gone.
  func prepareNumerics() throws {
    let missing = try NumericsEnvironment.missing(try numericsMode())
    if missing.isEmpty { return }
    for (name, value) in missing { setenv(name, value, 1) }
    // The file's own name, so that the process is called by it.
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
    execv(program, CommandLine.unsafeArgv)
    throw FileError.notFound(path: program)
  }
}
