#if Serving
  import ArgumentParser
  import Foundations
  import Reporting
  import RunReports
  import Serving

  struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "serve",
      abstract: "Show a run's report in the browser while it goes on.",
      discussion: """
        The same page as segfed report's, renewed when the run has got further. Nothing is written to the run's folder, and nothing can
        be asked for but the page. Ctrl-C ends it.

        Examples:
          segfed serve runs/demo
          segfed serve runs/demo runs/pooled --port 0
        """)

    @Argument(
      help: ArgumentHelp("Folder of a run; several are compared.", valueName: "run"), completion: .directory)
    var runs: [String]

    @Option(name: .long, help: "Port of the page; 0: a free one.")
    var port: UInt16 = 8470

    @Option(
      name: .long,
      help: "Address to serve at. Others than 127.0.0.1 and ::1 are reached from outside, by whoever asks.")
    var host: ServedHost = .here

    @Option(
      name: .long, help: "Where a run's scans lie now. (default: where its configuration says)",
      completion: .directory)
    var data: String?

    @Flag(name: .long, help: "Look at no scan: no histograms, no voxel sizes.")
    var noData = false

    @OptionGroup var show: OutputOptions

    func validate() throws {
      if runs.isEmpty { throw ValidationError("Give at least one run.") }
    }

    func run() async throws {
      var request = ReportWriting.Request(runs: runs, threads: 1)
      request.data = data
      request.looksAtData = !noData
      let report = try LiveReport(request)
      let looking = Task { await report.lookAtData() }
      defer { looking.cancel() }
      let server = PageServer(host: host, port: port) {
        let page = await report.current()
        return PageServer.Content(html: page.html, version: page.version, problem: page.problem)
      }
      let (console, host) = (show.console, host)
      try await server.run { address in
        if !host.isLoopback {
          StandardStream.error.write(
            "segfed: \(host.name) can be reached from outside: whoever asks reads the report, unencrypted.\n")
        }
        console.print(console.isJSON ? JSONValue.object([("url", .string(address))]).rendered() : address)
      }
    }
  }

  extension ServedHost: ExpressibleByArgument {
    static let here = ServedHost("127.0.0.1")!

    public init?(argument: String) { self.init(argument) }
    public var defaultValueDescription: String { name }
  }
#endif
