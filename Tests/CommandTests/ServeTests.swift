import Foundation
import TestSupport
import Testing

/// `segfed serve`: the report in the browser while the run goes on.
@Suite struct ServeTests {
  /// What `serve_check.py` was answered.
  private struct Answers: Decodable {
    struct Answer: Decodable {
      let status: Int
      let type: String?
      let bytes: Int
      let length: Int
    }

    let page: Answer
    let head: Answer
    let post: Answer
    let delete: Answer
    let elsewhere: Answer
    let above: Answer
    let rebound: Answer
    let stream: String
    let versions: Int
    let before: String
    let after: String
    let kept: Bool
    let line: String
    let asked: [String]
    let serious: [String]
    let tooWide: [Int]
    let console: [String]
    let lost: String
  }

  private let folder: TemporaryFolder
  private let sites: TinySites

  init() throws {
    folder = try TemporaryFolder()
    sites = try TinySites.shared.get()
  }

  private func wait(_ what: String, until holds: () throws -> Bool) throws {
    let end = Date().addingTimeInterval(60)
    while try !holds() {
      try #require(Date() < end, "\(what)")
      usleep(10_000)
    }
  }

  private func serve(_ run: String, _ more: String...) throws -> (server: SegfedProcess, address: String) {
    let server = try SegfedProcess(["serve", run, "--port", "0"] + more)
    try wait("no address: \(server.errors)") { server.output.hasSuffix("\n") || !server.isRunning }
    return (server, server.output.trimmingCharacters(in: .newlines))
  }

  /// A reader of a run that goes on: the page renews itself, what was opened stays, nobody else is asked; the run's folder is as it was.
  @Test(.enabled(if: Browser.isWanted, Browser.skipMessage))
  func aRunIsFollowed() throws {
    let run = folder.file("run")
    let training = try SegfedProcess([
      "train", "--data", sites.data, "--output", run, "--plan", sites.plan, "--threads", "1", "--rounds",
      "4000",
      "--quiet",
    ])
    defer { training.kill() }
    let journal = run + "/coordinator/rounds.jsonl"
    try wait("no round") {
      (FileManager.default.contents(atPath: journal)?.count { $0 == 10 } ?? 0) >= 3
    }
    let (server, address) = try serve(run)
    defer { server.kill() }
    let data = try PythonReference.run(
      script: "serve_check.py", arguments: [address, "\(server.identifier)", Browser.pictures])
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let answers = try decoder.decode(Answers.self, from: data)
    #expect(answers.page.status == 200 && answers.page.type == "text/html; charset=utf-8")
    #expect(answers.page.bytes > 10_000)
    #expect(answers.head.status == 200 && answers.head.bytes == 0 && answers.head.length > 10_000)
    #expect(answers.post.status == 405 && answers.delete.status == 405)
    #expect(answers.elsewhere.status == 404 && answers.above.status == 404)
    #expect(answers.rebound.status == 421 && answers.rebound.bytes < 100)
    #expect(answers.stream == "text/event-stream" && answers.versions == 3)
    #expect(answers.before != answers.after && answers.kept)
    #expect(answers.line.hasPrefix("Live: follows the run. Last change seen at "))
    #expect(Set(answers.asked).isSubset(of: [address, address + "events"]) && !answers.asked.isEmpty)
    #expect(answers.serious == [] && answers.tooWide == [] && answers.console == [])
    #expect(answers.lost.hasPrefix("segfed serve does not answer since "))
    #expect(try server.wait().code == 0 && server.errors.isEmpty)
    #expect(training.isRunning)
  }

  /// Nothing is written into a run that is only looked at.
  @Test func servingWritesNothing() throws {
    let run = try TrainedRun.shared.get().path
    let before = try RunContents(run)
    let (server, address) = try serve(run, "--json")
    #expect(address.hasPrefix(#"{"#) && address.contains(#""url": "http://127.0.0.1:"#))
    server.interrupt()
    #expect(try server.wait().code == 0)
    #expect(try RunContents(run) == before)
  }

  @Test func whatCannotBeServed() throws {
    let run = try TrainedRun.shared.get().path
    func refused(_ arguments: String..., names option: String, says: String...) throws {
      Refusal.check(try SegfedProcess.run(["serve"] + arguments), names: option, says: says)
    }
    let nothing = folder.file("nothing")
    try refused(nothing, names: nothing, says: "expected the folder of a run")
    try refused(run, "--host", "192.0.2.7", names: "--host", says: "192.0.2.7", "127.0.0.1")
    let (server, address) = try serve(run)
    defer { server.kill() }
    let port = try #require(URL(string: address)?.port)
    try refused(run, "--port", "\(port)", names: "--port", says: "\(port)", "0 for one that is free")
    #expect(try SegfedProcess.run("serve", run, "--host", "example.org").code == 64)
    #expect(try SegfedProcess.run("serve").code == 64)
  }
}
