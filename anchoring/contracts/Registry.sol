// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The registry of graph versions
/// @notice Keeps one word for each graph, its head, and emits one event for each version.
/// A head word is the version number (40 bits) followed by the first 216 bits of the version's EIP-712 digest,
/// so the word alone commits to the Merkle root, the counts, the manifest and, through the parent, to all history.
/// @dev Nobody administers this contract and it has no constructor, no immutables and no upgrade path:
/// the code at an address can be compared byte for byte with the code in this repository.
/// Format: docs/format.md, sections "Graph" and "Anchor".
contract Registry {
    /// @notice A version was published.
    /// @param graph keccak256(abi.encode(chain id, this contract, owner, label))
    /// @param head the new head word
    /// @param parent the head word before, zero for version 1
    /// @param root the Merkle root of the dataset
    /// @param size number of statements (64 bits) << 32 | number of blocks (32 bits)
    /// @param manifest SHA-256 of the manifest's bytes
    /// @param publisher who published it
    event Version(
        bytes32 indexed graph,
        bytes32 indexed head,
        bytes32 parent,
        bytes32 root,
        uint256 size,
        bytes32 manifest,
        address publisher
    );

    /// @notice The parent given is not the graph's head.
    /// @param actual the head word that stands here now
    error Stale(bytes32 actual);

    /// @notice The size has bits outside of its 64 + 32.
    error BadSize(uint256 size);

    /// @notice A statement with its proof: where it stands in the version, and the siblings up to the root.
    /// `context` is keccak256(abi.encode(type hash of Context, parent, manifest)).
    /// `start`, `count`, `length`, `digest` are the block's top leaf less its line root.
    /// Paths are siblings of 32 bytes each, from the leaf upwards, as in RFC 9162.
    struct Statement {
        bytes32 context;
        uint64 quads;
        uint32 blocks;
        uint32 blockIndex;
        uint32 lineIndex;
        uint64 start;
        uint32 count;
        uint32 length;
        bytes32 digest;
        bytes linePath;
        bytes blockPath;
        bytes line;
    }

    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant NAME = keccak256("triplock");
    bytes32 private constant FORMAT = keccak256("1");
    bytes32 private constant CONTEXT_TYPE = keccak256("Context(bytes32 parent,bytes32 manifest)");
    bytes32 private constant VERSION_TYPE = keccak256(
        "Version(bytes32 graph,uint64 version,bytes32 root,uint64 quads,uint32 blocks,Context context)"
        "Context(bytes32 parent,bytes32 manifest)"
    );
    uint256 private constant LONGEST_LINE = 1_048_575;

    /// @notice The head word of a graph, zero while it has no version.
    mapping(bytes32 graph => bytes32 word) public head;

    /// @notice Publish the next version of the caller's graph `label`.
    /// @param label which of the caller's graphs
    /// @param parent the head word this version follows, zero for the first
    /// @param root the Merkle root of the dataset
    /// @param size number of statements << 32 | number of blocks
    /// @param manifest SHA-256 of the manifest's bytes
    /// @return word the new head word
    function publish(bytes32 label, bytes32 parent, bytes32 root, uint256 size, bytes32 manifest)
        external
        returns (bytes32 word)
    {
        bytes32 graph = graphOf(msg.sender, label);
        bytes32 actual = head[graph];
        if (actual != parent) revert Stale(actual);
        if (size >> 96 != 0) revert BadSize(size);
        bytes32 context = keccak256(abi.encode(CONTEXT_TYPE, parent, manifest));
        word = _word(graph, (uint256(parent) >> 216) + 1, root, size, context);
        head[graph] = word;
        emit Version(graph, word, parent, root, size, manifest, msg.sender);
    }

    /// @notice The graph that `owner` publishes under `label`.
    function graphOf(address owner, bytes32 label) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), owner, label));
    }

    /// @notice Whether the statement stands in the graph's current version.
    /// @dev It commits to the bytes of one line at one position. That the line is well formed is for the caller to read.
    function check(bytes32 graph, Statement calldata s) external view returns (bool) {
        bytes32 word = head[graph];
        if (word == 0 || s.line.length == 0 || s.line.length > LONGEST_LINE) return false;
        if (s.line[0] != "<" && s.line[0] != "_") return false;
        uint256 end = uint256(s.start) + s.count;
        if (end > s.quads || (s.start == 0) != (s.blockIndex == 0)) return false;
        if ((end == s.quads) != (uint256(s.blockIndex) + 1 == s.blocks)) return false;
        (bool good, bytes32 node) =
            _climb(sha256(bytes.concat(hex"00", s.line)), s.lineIndex, s.count, s.linePath);
        if (!good) return false;
        node = sha256(abi.encodePacked(hex"0001", s.start, s.count, s.length, node, s.digest));
        (good, node) = _climb(node, s.blockIndex, s.blocks, s.blockPath);
        if (!good) return false;
        uint256 size = uint256(s.quads) << 32 | s.blocks;
        return _word(graph, uint256(word) >> 216, node, size, s.context) == word;
    }

    /// @dev The head word: the version number over the first 216 bits of the EIP-712 digest.
    function _word(bytes32 graph, uint256 version, bytes32 root, uint256 size, bytes32 context)
        private
        view
        returns (bytes32)
    {
        bytes32 domain = keccak256(abi.encode(DOMAIN_TYPE, NAME, FORMAT, block.chainid, address(this)));
        bytes32 fields = keccak256(abi.encode(VERSION_TYPE, graph, version, root, size >> 32, uint32(size), context));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, fields));
        return bytes32((version << 216) | (uint256(digest) >> 40));
    }

    /// @dev RFC 9162, section 2.1.3.2: from a leaf hash up to the root, and whether the path fits index and size.
    function _climb(bytes32 node, uint256 index, uint256 size, bytes calldata path)
        private
        pure
        returns (bool, bytes32)
    {
        if (index >= size || path.length % 32 != 0) return (false, node);
        uint256 last = size - 1;
        for (uint256 offset = 0; offset < path.length; offset += 32) {
            if (last == 0) return (false, node);
            bytes32 sibling = bytes32(path[offset:offset + 32]);
            if (index & 1 == 1 || index == last) {
                node = sha256(bytes.concat(hex"01", sibling, node));
                while (index & 1 == 0 && index != 0) {
                    index >>= 1;
                    last >>= 1;
                }
            } else {
                node = sha256(bytes.concat(hex"01", node, sibling));
            }
            index >>= 1;
            last >>= 1;
        }
        return (last == 0, node);
    }
}
