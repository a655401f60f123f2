/// What can go wrong with a file or folder, apart from its content.
package enum FileError: DescribedError {
  case notFound(path: String)
  case unreadable(path: String, reason: String)
  case notWritable(path: String, reason: String)
  case alreadyExists(path: String)

  package var description: String {
    switch self {
    case .notFound(let path):
      "\(path): no such file or folder. Check the path."
    case .unreadable(let path, let reason):
      "\(path): cannot be read (\(reason)). Check the file's permissions and the disk."
    case .notWritable(let path, let reason):
      "\(path): cannot be written (\(reason)). Free space on the disk, or choose another output folder."
    case .alreadyExists(let path):
      "\(path): already exists. Choose another output folder, or add --force to replace what is in it."
    }
  }
}
