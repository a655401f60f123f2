import ArgumentParser
import Experiment
import Foundations
import Imaging

/// How a command shows what it does.
struct OutputOptions: ParsableArguments {
  @Flag(name: .long, help: "No progress and no line for each round; only the result.")
  var quiet = false

  @Flag(name: .long, help: "Print the result as one JSON document.")
  var json = false

  var console: Console {
    Console(isQuiet: quiet, isJSON: json) { text in
      StandardStream.output.write(text.hasSuffix("\n") ? text : text + "\n")
    }
  }
}

extension DatasetLayout: ExpressibleByArgument {}

/// How the data lies on disk.
struct LayoutOption: ParsableArguments {
  @Option(name: .long, help: "How the data lies on disk. (default: the layout that it looks like)")
  var layout: DatasetLayout?
}

/// Which strategies compute the convolutions.
struct TuningOption: ParsableArguments {
  @Option(
    name: .long, help: "Tuning table of segfed benchmark --tune. (default: a cost model chooses)",
    completion: .yaml)
  var tuning: String?
}

/// How much of the machine a command takes.
struct MachineOptions: ParsableArguments {
  @Option(
    name: .long,
    help: "Threads to compute with; results do not depend on it. (default: all cores that it may use)")
  var threads: Int?

  @Flag(name: .long, help: "Replace an earlier result in the output folder.")
  var force = false

  var threadCount: Int { threads ?? MachineCores.usable() }

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads: found \(threads), expected 1 to 1024.")
    }
  }
}
