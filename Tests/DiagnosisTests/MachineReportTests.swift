import Diagnosis
import Foundation
import Testing

struct MachineReportTests {
  @Test func theWorstFindingIsTheVerdict() {
    var facts = PlantedMachine.facts
    #expect(MachineReport(facts, version: "1").verdict == .fine)
    facts.cores.quota = 0.5
    #expect(MachineReport(facts, version: "1").verdict == .slow)
    facts.disk.failure = "No space left on device"
    let report = MachineReport(facts, version: "1")
    #expect(report.verdict == .broken)
    let lines = report.text().split(separator: "\n").map(String.init)
    #expect(lines.contains { $0.hasPrefix("cores") && $0.contains("slow") })
    // What is broken is told before what is slow.
    let broken = lines.firstIndex { $0.hasPrefix("disk: ") }
    let slow = lines.firstIndex { $0.hasPrefix("cores: ") }
    #expect(broken ?? .max < slow ?? -1)
    #expect(lines.last == "segfed does not work here as it is: disk.")
  }

  @Test func jsonHoldsFactsAndFindings() throws {
    var facts = PlantedMachine.facts
    facts.cores.quota = 0.5
    let text = MachineReport(facts, version: "1").json().rendered()
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(object["schema_version"] as? Int == 1 && object["verdict"] as? String == "slow")
    #expect((object["cores"] as? [String: Any])?["quota"] as? Double == 0.5)
    let findings = try #require(object["findings"] as? [[String: Any]])
    let cores = try #require(findings.first { $0["check"] as? String == "cores" })
    #expect((cores["advice"] as? String)?.contains("--threads 1") == true)
    #expect(object["plan"] is NSNull)
  }

  /// Lines as proc(5) shows them; of several mounts the deepest counts, of two on one place the last.
  @Test(arguments: [
    ("/", "ext4"), ("/home/a", "ext4"), ("/mnt/scans", "nfs4"), ("/mnt/scans/site", "nfs4"),
    ("/mnt/scans-local", "ext4"), ("/mnt/with space/x", "cifs"), ("/tmp/run", "tmpfs"),
  ])
  func fileSystems(path: String, type: String) {
    let mounts = """
      22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
      30 22 0:40 / /mnt/scans rw - nfs4 server:/scans rw,vers=4.2
      31 22 0:41 / /mnt/with\\040space rw - cifs //server/share rw
      32 22 254:1 / /tmp rw - xfs /dev/vdb rw
      33 32 0:42 / /tmp rw - tmpfs tmpfs rw
      """.split(separator: "\n")
    #expect(DiskFacts.fileSystem(of: path, in: mounts) == type)
  }
}
