package main

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const manifestType = "application/vnd.oci.image.manifest.v1+json"

type manifest struct {
	tag    string
	bytes  []byte
	digest string
}

var config = []byte("{}")

// layer is in every manifest; each has an annotation of its own.
func manifests(o options, layer content) []manifest {
	all := make([]manifest, o.count)
	for i := range all {
		bytes := []byte(fmt.Sprintf(
			`{"schemaVersion":2,"mediaType":"%s",`+
				`"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d},`+
				`"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s","size":%d}],`+
				`"annotations":{"org.example.number":"%d"}}`,
			manifestType, digestOf(config), len(config), layer.digest, layer.size, i))
		all[i] = manifest{tag: fmt.Sprintf("t%d", i), bytes: bytes, digest: digestOf(bytes)}
	}
	return all
}

// seedManifests makes a repository with `count` tagged images.
func seedManifests(o options) (result, error) {
	layer := newContent("layer", 0, 1024)
	c, err := dial(o.address)
	if err != nil {
		return result{}, err
	}
	defer c.conn.Close()
	if err := pushBlob(c, o, layer); err != nil {
		return result{}, err
	}
	if err := pushBlob(c, o, content{head: config, size: int64(len(config)), digest: digestOf(config)}); err != nil {
		return result{}, err
	}
	all := manifests(o, layer)
	seconds, err := onConnections(o, len(all), func(c *client, item int) error {
		m := all[item]
		_, err := c.ask("PUT", "/v2/"+o.repository+"/manifests/"+m.tag, "Content-Type: "+manifestType+"\r\n", m.bytes, 201)
		return err
	})
	return result{Seconds: seconds, Requests: len(all)}, err
}

// headManifests asks for tags, one after the other, for `duration`. Every answer must name the manifest's digest.
func headManifests(o options) (result, error) {
	all := manifests(o, newContent("layer", 0, 1024))
	var stop atomic.Bool
	var mutex sync.Mutex
	total := 0
	timer := time.AfterFunc(o.duration, func() { stop.Store(true) })
	defer timer.Stop()
	seconds, err := onConnections(o, o.connections, func(c *client, item int) error {
		// Each connection starts somewhere else.
		requests := 0
		for next := item * 7; !stop.Load(); next++ {
			m := all[next%len(all)]
			answer, err := c.ask("HEAD", "/v2/"+o.repository+"/manifests/"+m.tag, "", nil, 200)
			if err != nil {
				return err
			}
			if answer.digest != m.digest || answer.length != int64(len(m.bytes)) {
				return fmt.Errorf("HEAD %s: digest %s, %d bytes", m.tag, answer.digest, answer.length)
			}
			requests++
		}
		mutex.Lock()
		total += requests
		mutex.Unlock()
		return nil
	})
	return result{Seconds: seconds, Requests: total}, err
}
