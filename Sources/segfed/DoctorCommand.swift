import ArgumentParser
import Diagnosis
import Foundations

struct DoctorCommand: ParsableCommand, ComputingCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check this machine: what is slow or broken, and why.",
    discussion: """
      Looks at the CPU and the kernels that it gets, OpenBLAS, cores and quotas, memory, the disk and libraries, in about two \
      seconds; probe files are removed again. Exit code 0: usable, 1: something is broken.

      Examples:
        segfed doctor
        segfed doctor --plan unet3d --output runs
        segfed doctor --json
      """)

  @Option(
    name: .long, help: "A plan, a file or a built-in one's name: whether its network fits the memory.",
    completion: .plan)
  var plan: String?

  @Option(
    name: .long, help: "The folder that results are meant for, whose disk is tried. (default: this one)",
    completion: .directory)
  var output = "."

  @Option(name: .long, help: "Threads that the plan's network would have. (default: one for each core)")
  var threads: Int?

  @OptionGroup var show: OutputOptions

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads: found \(threads), expected 1 to 1024.")
    }
  }

  func numericsMode() throws -> Numerics.Mode { .native }

  func run() throws {
    let request = MachineFacts.Request(
      folder: output, plan: plan, threads: threads ?? MachineCores.usable())
    let report = try MachineReport(MachineFacts.gather(request), version: Segfed.version)
    let console = show.console
    console.print(console.isJSON ? report.json().rendered() : report.text())
    if report.verdict == .broken { throw ExitCode(1) }
  }
}
