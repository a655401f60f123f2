import Foundation

/// The machine that figures belong to, as `Benchmarks/peers/machine.py` describes it too. Linux only.
package struct MachineDescription: Sendable, Equatable {
  /// Virtual machines often hide it; family and model tell more then.
  package let cpu: String
  package let family: Int?
  package let model: Int?
  /// Cores that the process may use.
  package let cores: Int
  package let memoryGiB: Double
  package let flags: Set<String>
  /// As the system tells it for the first core; virtual machines tell a fixed one.
  package let clockGHz: Double?

  package static let current = MachineDescription(
    cpuinfo: (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "",
    cores: MachineCores.usable(),
    memoryBytes: ProcessInfo.processInfo.physicalMemory)

  /// `cpuinfo` is the text of `/proc/cpuinfo`; what its first core says counts.
  package init(cpuinfo: String, cores: Int, memoryBytes: UInt64) {
    var fields: [String: String] = [:]
    for line in cpuinfo.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty { break }
      let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      if parts.count == 2 { fields[parts[0]] = parts[1] }
    }
    cpu = fields["model name"] ?? "unknown"
    family = fields["cpu family"].flatMap { Int($0) }
    model = fields["model"].flatMap { Int($0) }
    flags = Set((fields["flags"] ?? "").split(separator: " ").map(String.init))
    clockGHz = fields["cpu MHz"].flatMap { Double($0) }.map { $0 / 1000 }
    self.cores = cores
    memoryGiB = (Double(memoryBytes) / Double(1 << 30) * 10).rounded() / 10
  }

  /// Such as `AMD EPYC 9R14 (family 25, model 17), 2 cores, 24.0 GiB`.
  package var summary: String {
    let numbers = family.flatMap { family in model.map { " (family \(family), model \($0))" } } ?? ""
    return "\(cpu)\(numbers), \(cores) cores, \(memoryGiB) GiB"
  }
}
