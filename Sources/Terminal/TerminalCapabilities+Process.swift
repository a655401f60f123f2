import Foundation
import Foundations

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension TerminalSize {
  /// As the terminal behind a stream tells now; nil where none is there.
  package static func now(of stream: StandardStream) -> TerminalSize? {
    var size = winsize()
    guard ioctl(stream.rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return TerminalSize(
      columns: Int(size.ws_col), rows: size.ws_row > 0 ? Int(size.ws_row) : usual.rows,
      pixels: Int(size.ws_xpixel))
  }
}

extension TerminalCapabilities {
  /// Of the terminal that a stream of the process goes to. Where pictures are to be drawn (`asksForSixels`) and the environment
  /// does not tell how, the terminal is asked.
  package static func of(_ stream: StandardStream, asksForSixels: Bool = false) -> TerminalCapabilities {
    let environment = ProcessInfo.processInfo.environment
    let isTerminal = isatty(stream.rawValue) == 1
    let isOpen = isTerminal && asksForSixels && ImageProtocol.told(by: environment) == nil
    return TerminalCapabilities(
      isTerminal: isTerminal, size: .now(of: stream) ?? .usual, environment: environment,
      takesSixels: isOpen && DeviceAttributes.ask()?.takesSixels == true)
  }

  /// For a stream that is to be given what a terminal is, whatever it goes to: colours as the environment says.
  package static func forced(_ stream: StandardStream) -> TerminalCapabilities {
    TerminalCapabilities(
      isTerminal: true, size: .now(of: stream) ?? .usual,
      environment: ProcessInfo.processInfo.environment)
  }
}
