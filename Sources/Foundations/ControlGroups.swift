import Foundation

/// The process' control groups, by which Linux limits what it may take.
enum ControlGroups {
  /// The two layouts that there are; a machine may have both.
  enum Version { case one, two }

  /// Folders of the groups that govern a resource (`memory`, `cpu`): those that the process is in, and all above.
  ///
  /// `root` stands before `/proc` and `/sys`, for tests.
  static func folders(of controller: String, root: String) -> [(path: String, version: Version)] {
    SystemFile.lines(root + "/proc/self/cgroup").flatMap { line -> [(path: String, version: Version)] in
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return [] }
      if fields[1].isEmpty {
        return folders(root + "/sys/fs/cgroup", below: fields[2]).map { ($0, .two) }
      }
      guard fields[1].split(separator: ",").contains(Substring(controller)) else { return [] }
      return folders(root + "/sys/fs/cgroup/" + controller, below: fields[2]).map { ($0, .one) }
    }
  }

  private static func folders(_ top: String, below path: Substring) -> [String] {
    var folders = [top]
    // In a container the path may be the host's: the folders that are not there count for nothing.
    for name in path.split(separator: "/") { folders.append(folders[folders.count - 1] + "/" + name) }
    return folders
  }
}

/// The kernel's files below `/proc` and `/sys`.
package enum SystemFile {
  /// Lines that are not empty; none where there is no such file.
  package static func lines(_ path: String) -> [Substring] {
    // FileManager takes the first page of such a file, whose size is told as 0, for the whole.
    guard let data = try? FileHandle(forReadingAtPath: path)?.readToEnd() else { return [] }
    return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
  }

  /// The whole number that a file holds; nil where it holds something else.
  static func number(_ path: String) -> Int? { lines(path).first.flatMap { Int($0) } }

  /// The number behind a name at a line's beginning, such as `MemTotal:` or `inactive_file`.
  static func number(_ path: String, behind name: String) -> Int? {
    let line = lines(path).first { $0.hasPrefix(name + " ") }
    return line.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) }
  }
}
